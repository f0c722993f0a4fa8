/** Originals above their reconstructions, as a PNG. */

import { encode } from 'fast-png';

export interface Gallery {
  readonly shape: readonly [number, number, number];
  /** Pictures in [0, 1], row-major `[height, width, channels]`. */
  readonly originals: readonly ArrayLike<number>[];
  readonly reconstructions: readonly ArrayLike<number>[];
}

const gap = 1;
const perRow = 16;
const white = 255;

/** Under this keyword, what the width of a picture is where it is not that of a square. */
export const widthKey = 'Picture width';

/** Pairs of rows of up to 16 pictures: originals, and what was made of them below. Same pictures, same bytes. */
export function galleryPng({ shape, originals, reconstructions }: Gallery, scale = 3): Uint8Array {
  const bands: (readonly ArrayLike<number>[])[] = [];
  for (let start = 0; start < originals.length; start += perRow) {
    bands.push(originals.slice(start, start + perRow), reconstructions.slice(start, start + perRow));
  }
  const [height, width, channels] = shape;
  const planes = channels === 3 ? 3 : 1;
  const cell = { height: height * scale + gap, width: width * scale + gap };
  const columns = Math.min(perRow, Math.max(1, originals.length));
  const page = { width: columns * cell.width + gap, height: bands.length * cell.height + gap };
  const data = new Uint8Array(page.width * page.height * planes).fill(white);
  bands.forEach((pictures, band) => {
    pictures.forEach((picture, column) => {
      const corner = { top: band * cell.height + gap, left: column * cell.width + gap };
      paint({ data, pageWidth: page.width, planes, scale, shape }, picture, corner);
    });
  });
  const text = width === height ? {} : { text: { [widthKey]: String(width) } };
  return encode({ ...page, data, channels: planes, depth: 8, ...text });
}

interface Canvas {
  readonly data: Uint8Array;
  readonly pageWidth: number;
  readonly planes: number;
  readonly scale: number;
  readonly shape: readonly [number, number, number];
}

function paint(canvas: Canvas, picture: ArrayLike<number>, { top, left }: { top: number; left: number }): void {
  const { data, pageWidth, planes, scale, shape } = canvas;
  const [height, width, channels] = shape;
  for (let y = 0; y < height * scale; y += 1) {
    for (let x = 0; x < width * scale; x += 1) {
      const from = (Math.floor(y / scale) * width + Math.floor(x / scale)) * channels;
      const to = ((top + y) * pageWidth + left + x) * planes;
      for (let plane = 0; plane < planes; plane += 1) data[to + plane] = byteOf(picture[from + plane] as number);
    }
  }
}

function byteOf(value: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, value)));
}
