/** Cuts the picture of an attack, as `galleryPng` paints it, into the single images. */

import { decode, encode } from 'fast-png';
import { widthKey } from '../../pictures.ts';

export interface PicturePairs {
  /** As PNG, each pixel once. */
  readonly originals: readonly Uint8Array[];
  readonly reconstructions: readonly Uint8Array[];
}

interface Grid {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly channels: number;
}

interface Cell {
  readonly width: number;
  readonly height: number;
}

/** Of what `galleryPng` paints by default: square pixels of three, a white line around each image. */
const scale = 3;
const gap = 1;

/** Undefined where the file holds no such picture: those of earlier versions do not tell the width of images that are not square. */
export function picturePairs(png: Uint8Array): PicturePairs | undefined {
  const { data, width, height, channels, text } = decode(png);
  const own = (height - 3 * gap) / (2 * scale);
  const cell = { height: own, width: Number(text[widthKey] ?? own) };
  const pitch = cell.width * scale + gap;
  const count = (width - gap) / pitch;
  if (![cell.height, cell.width, count].every((size) => Number.isInteger(size) && size >= 1)) return undefined;
  const grid = { data, width, channels };
  const row = (top: number) =>
    Array.from({ length: count }, (_, column) => cut(grid, cell, { top, left: gap + column * pitch }));
  return { originals: row(gap), reconstructions: row(2 * gap + cell.height * scale) };
}

function cut(grid: Grid, { width, height }: Cell, { top, left }: { top: number; left: number }): Uint8Array {
  const { channels } = grid;
  const pixels = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = ((top + y * scale) * grid.width + left + x * scale) * channels;
      for (let channel = 0; channel < channels; channel += 1) {
        pixels[(y * width + x) * channels + channel] = grid.data[from + channel] as number;
      }
    }
  }
  return encode({ width, height, data: pixels, channels: channels as 1 | 3, depth: 8 });
}
