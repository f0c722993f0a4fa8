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

/** As many pictures as fit side by side: a band of originals, and below it one of reconstructions. */
export function terminalGallery(
  { shape, originals, reconstructions }: Gallery,
  { color, columns }: TerminalOptions,
): string {
  const [, width] = shape;
  const fitting = Math.max(1, Math.floor((columns + gap) / (width + gap)));
  const band = (pictures: readonly ArrayLike<number>[]) => bandOf(pictures.slice(0, fitting), shape, color);
  return `originals\n${band(originals)}\nreconstructions\n${band(reconstructions)}`;
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
