/** Which pixels the strips of a convolution hold, and where what is computed of them falls. */

import type { Geometry } from './geometry.ts';
import { beyond } from './window-rows.ts';

/**
 * Rows of the padded image are taken in bands of as many as the stride: a window in row o of the result holds the bands
 * o + tap · dilation. A strip is what one window holds of one band: `phases · width of the kernel` pixels, row by row.
 */
export interface Strips extends Geometry {
  /** Rows of a band. */
  readonly phases: number;
  /** Bands of a window. */
  readonly taps: number;
  /** The bands that hold rows of the image. */
  readonly bands: readonly number[];
  /** Of an image; the last one holds zeros only. */
  readonly strips: number;
}

/** Dilated rows of a window lie in bands of their own where a band is one row. */
export function stripsFit({ strides, dilations }: Pick<Geometry, 'strides' | 'dilations'>): boolean {
  return strides[0] === 1 || dilations[0] === 1;
}

export function stripsOf(geometry: Geometry): Strips {
  const { input, kernel, output, strides, dilations, before } = geometry;
  const phases = strides[0];
  const taps = Math.ceil(kernel[0] / phases);
  const read = count(output[0] + (taps - 1) * dilations[0]);
  const isFilled = (band: number) => (band + 1) * phases > before[0] && band * phases < before[0] + input[0];
  const bands = read.filter(isFilled);
  return { ...geometry, phases, taps, bands, strips: bands.length * output[1] + 1 };
}

/** Of each strip the pixels of the image. */
export function imagePlaces(strips: Strips): number[] {
  const { phases, kernel, strides, dilations, before, input } = strips;
  return ofStrips(strips, (band, window) =>
    count(phases).flatMap((phase) =>
      count(kernel[1]).map((position) => {
        const row = band * phases + phase - before[0];
        return placeIn(input, row, window * strides[1] + position * dilations[1] - before[1]);
      }),
    ),
  );
}

/** Of each strip the pixels of the result that it reaches, tap by tap. */
export function resultPlaces(strips: Strips): number[] {
  const { taps, output, dilations } = strips;
  return ofStrips(strips, (band, window) =>
    count(taps).map((tap) => placeIn(output, band - tap * dilations[0], window)),
  );
}

/** Of each tap, for every pixel of the result, where it is among the taps of all strips. */
export function termsOfResult({ taps, bands, output, dilations, strips }: Strips): number[][] {
  return count(taps).map((tap) =>
    count(output[0]).flatMap((row) => {
      const band = bands.indexOf(row + tap * dilations[0]);
      const strip = (window: number) => (band < 0 ? strips - 1 : band * output[1] + window);
      return count(output[1]).map((window) => strip(window) * taps + tap);
    }),
  );
}

/** For every pixel of the image, where it is among the pixels of all strips. As many lists as the most frequent pixel needs. */
export function termsOfImage(strips: Strips): number[][] {
  const places = imagePlaces(strips);
  const terms: number[][] = Array.from({ length: strips.input[0] * strips.input[1] }, () => []);
  places.forEach((pixel, index) => {
    if (pixel !== beyond) terms[pixel].push(index);
  });
  const most = terms.reduce((largest, own) => Math.max(largest, own.length), 1);
  return count(most).map((term) => terms.map((own) => own[term] ?? places.length - 1));
}

/** Strip by strip; the last one holds nothing of the image. */
function ofStrips({ bands, output }: Strips, of: (band: number, window: number) => number[]): number[] {
  const places = bands.flatMap((band) => count(output[1]).flatMap((window) => of(band, window)));
  return [...places, ...of(outside, 0).map(() => beyond)];
}

const outside = -1;

function placeIn([height, width]: readonly [number, number], row: number, column: number): number {
  return row >= 0 && row < height && column >= 0 && column < width ? row * width + column : beyond;
}

function count(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
