/** Pictures drawn in a terminal: two pixels a character where colours may be used, shades of text elsewhere. */

import type { Gallery } from './pictures.ts';

export interface TerminalOptions {
  /** Whether colour codes may be written. */
  readonly color: boolean;
  /** Width of the terminal in characters. */
  readonly columns: number;
}

const ramp = ' .:-=+*#%@';
const gap = 2;

/** Pictures side by side, as many as fit; large ones at half their size, so that several do. */
export function terminalBand(
  pictures: readonly ArrayLike<number>[],
  shape: Gallery['shape'],
  { color, columns }: TerminalOptions,
): string {
  const isLarge = shape[1] > largeWidth;
  const small = isLarge ? halved(shape) : shape;
  const fitting = Math.max(1, Math.floor((columns + gap) / (small[1] + gap)));
  const shownPictures = pictures.slice(0, fitting);
  return bandOf(isLarge ? shownPictures.map((picture) => halve(picture, shape)) : shownPictures, small, color);
}

const largeWidth = 16;

function halved([height, width, channels]: Gallery['shape']): Gallery['shape'] {
  return [Math.ceil(height / 2), Math.ceil(width / 2), channels];
}

/** Means over squares of 2 × 2; at an odd edge over what there is. */
function halve(picture: ArrayLike<number>, shape: Gallery['shape']): Float32Array {
  const [height, width, channels] = shape;
  const [rows, columns] = halved(shape);
  const result = new Float32Array(rows * columns * channels);
  for (let i = 0; i < result.length; i += 1) {
    const channel = i % channels;
    const [y, x] = [2 * Math.floor(i / (columns * channels)), 2 * (Math.floor(i / channels) % columns)];
    const square = [
      [y, x],
      [y, x + 1],
      [y + 1, x],
      [y + 1, x + 1],
    ] as const;
    const inside = square.filter(([row, column]) => row < height && column < width);
    const sum = inside.reduce(
      (total, [row, column]) => total + (picture[(row * width + column) * channels + channel] ?? 0),
      0,
    );
    result[i] = sum / inside.length;
  }
  return result;
}

/** Characters are about twice as high as wide: each stands for two rows of pixels. */
function bandOf(pictures: readonly ArrayLike<number>[], shape: Gallery['shape'], color: boolean): string {
  const [height] = shape;
  const lines: string[] = [];
  for (let y = 0; y < height; y += 2) {
    const line = pictures.map((picture) => lineOf(picture, { shape, y, color })).join(' '.repeat(gap));
    lines.push(line.trimEnd());
  }
  return lines.join('\n');
}

function lineOf(
  picture: ArrayLike<number>,
  { shape, y, color }: { shape: Gallery['shape']; y: number; color: boolean },
): string {
  const [height, width, channels] = shape;
  const brightness = (row: number, x: number) => {
    if (row >= height) return 0;
    const from = (row * width + x) * channels;
    const sum = Array.from({ length: channels }, (_, channel) => picture[from + channel] as number).reduce(
      (a, b) => a + b,
      0,
    );
    return Math.min(1, Math.max(0, sum / channels));
  };
  const characters = Array.from({ length: width }, (_, x) => {
    const [upper, lower] = [brightness(y, x), brightness(y + 1, x)];
    return color ? halfBlock(upper, lower) : shade((upper + lower) / 2);
  });
  return color ? `${characters.join('')}\u001b[0m` : characters.join('');
}

const shade = (value: number) => ramp[Math.min(ramp.length - 1, Math.floor(value * ramp.length))] ?? ' ';

/** The upper half block in one of 24 grays, on another: the 256-colour palette is known to every terminal with colours. */
function halfBlock(upper: number, lower: number): string {
  const gray = (value: number) => 232 + Math.min(23, Math.floor(value * 24));
  return `\u001b[38;5;${gray(upper)};48;5;${gray(lower)}m▀`;
}
