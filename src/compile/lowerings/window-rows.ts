/** Windows of images as rows of a matrix, gathered from channels-last images. */

import { sizeOf } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import { computed, plain } from '../graph/stored.ts';
import type { Value } from '../graph/value.ts';
import { pad, takeAxis } from './joins.ts';
import { reshape, transpose } from './reshape.ts';

/** Along one axis of an image: where windows start, and how far from there their entries are. Beyond the image there are zeros. */
export interface Windows {
  readonly starts: readonly number[];
  readonly steps: readonly number[];
}

/** Along the height, along the width. */
export type Pair<T> = readonly [T, T];

/** `[…, batch · windows, entries · channels]` of images `[…, batch, height, width, channels]`. */
export function rowsOf(graph: Graph, images: Value, windows: Pair<Windows>): Value {
  const [channels, width, height, batch, ...groups] = images.shape.toReversed();
  const all = sizeOf(groups) * batch;
  // As one batch, so that convolutions that share filters and those that do not share their rows.
  const single = reshape(graph, images, [all, height, width, channels]);
  const gathered = areShort(single.shape) ? rowsOfNumbers : rowsOfPixels;
  const [vertical, horizontal] = windows;
  return reshape(graph, gathered(graph, single, windows), [
    ...groups.toReversed(),
    batch * vertical.starts.length * horizontal.starts.length,
    vertical.steps.length * horizontal.steps.length * channels,
  ]);
}

/** Where a pixel is this short, it is dear to copy one by one, */
const fewChannels = 4;
/** and with so many images a pixel of all of them is copied at once. */
const manyImages = 8;

function areShort(images: Shape): boolean {
  return (images.at(-1) as number) < fewChannels && images[0] >= manyImages;
}

function rowsOfNumbers(graph: Graph, images: Value, windows: Pair<Windows>): Value {
  return fromAllAtOnce(graph, images, (one) => rowsOfPixels(graph, one, windows));
}

/**
 * A pixel of all images, channel by channel, stands for a pixel of one image, of which `take` takes some.
 *
 * @returns `[all, numbers]`
 */
function fromAllAtOnce(graph: Graph, images: Value, take: (one: Value) => Value): Value {
  const [all, ...places] = images.shape;
  const channels = places.pop() as number;
  const last = [...images.shape.keys()].slice(1);
  const taken = take(reshape(graph, transpose(graph, images, [...last, 0]), [1, ...places, channels * all]));
  return transpose(graph, reshape(graph, taken, [sizeOf(taken.shape) / all, all]), [1, 0]);
}

/** A window's pixels one after the other: `[all, windows, pixels · channels]` or split otherwise. */
function rowsOfPixels(graph: Graph, images: Value, [vertical, horizontal]: Pair<Windows>): Value {
  const [, height, width] = images.shape;
  const places = { rows: placesOf(vertical, height), columns: placesOf(horizontal, width) };
  return isFasterInTwo(images.shape, places) ? gatherInTwo(graph, images, places) : gatherInOne(graph, images, places);
}

/** For each window along an axis the places of its entries; beyond the image, the place after the last. */
function placesOf({ starts, steps }: Windows, length: number): number[][] {
  const within = (place: number) => (place >= 0 && place < length ? place : length);
  return starts.map((start) => steps.map((step) => within(start + step)));
}

interface Places {
  readonly rows: readonly (readonly number[])[];
  readonly columns: readonly (readonly number[])[];
}

/** Pixel by pixel; the one after the last is 0. */
function gatherInOne(graph: Graph, images: Value, { rows, columns }: Places): Value {
  const [all, height, width, channels] = images.shape;
  const pixel = (y: number, x: number) => (y < height && x < width ? y * width + x : height * width);
  const indices = rows.flatMap((own) =>
    columns.flatMap((places) => own.flatMap((y) => places.map((x) => pixel(y, x)))),
  );
  return gatherPixels(graph, reshape(graph, images, [all, height * width, channels]), indices);
}

/** @param pixels `[all, count, channels]`; the one after the last is 0. */
function gatherPixels(graph: Graph, pixels: Value, indices: readonly number[]): Value {
  const rest = indices.includes(pixels.shape[1]) ? 1 : 0;
  return gather(graph, pad(graph, pixels, { paddings: [none, [0, rest], none], value: 0 }), { axis: 1, indices });
}

/** Stands for a pixel of zeros. */
export const beyond = -1;

/** `[all, places, channels]`: pixels of images `[all, count, channels]`. */
export function pixelsAt(graph: Graph, images: Value, places: readonly number[]): Value {
  const [all, count, channels] = images.shape;
  const indices = places.map((place) => (place === beyond ? count : place));
  if (!areShort(images.shape)) return gatherPixels(graph, images, indices);
  const taken = fromAllAtOnce(graph, images, (one) => gatherPixels(graph, one, indices));
  return reshape(graph, taken, [all, places.length, channels]);
}

/** Along the width first, for all rows of the image, then pieces of rows; those after the last row and column are 0. */
function gatherInTwo(graph: Graph, images: Value, { rows, columns }: Places): Value {
  const [all, height, width, channels] = images.shape;
  const [below, right] = [rows.flat().includes(height) ? 1 : 0, columns.flat().includes(width) ? 1 : 0];
  const whole = pad(graph, images, { paddings: [none, [0, below], [0, right], none], value: 0 });
  const lines = gather(graph, whole, { axis: 2, indices: columns.flat() });
  const pieces = reshape(graph, lines, [all, (height + below) * columns.length, columns[0].length * channels]);
  const indices = rows.flatMap((own) => columns.flatMap((_, window) => own.map((y) => y * columns.length + window)));
  return gather(graph, pieces, { axis: 1, indices });
}

const none = [0, 0] as const;

/** To copy anything at all costs as much as so many numbers, */
const copying = 20;
/** as long as what is copied stays close to the processor. */
const mostClose = 2 ** 14;
/** So much less it must be, for there is one node more. */
const clearly = 0.75;

/** Whether two copies of each number, but fewer and longer ones, cost less than one. */
function isFasterInTwo([all, height, , channels]: Shape, { rows, columns }: Places): boolean {
  const [tall, wide] = [rows[0].length, columns[0].length];
  const windows = rows.length * columns.length;
  if (all * windows * tall * wide * channels > mostClose) return false;
  const along = height * columns.length * wide * (copying + channels);
  const inTwo = along + windows * tall * (copying + wide * channels);
  return inTwo < clearly * windows * tall * wide * (copying + channels);
}

/** In row-major order: elsewhere the entries that are copied together would lie apart. */
function gather(graph: Graph, x: Value, which: { axis: number; indices: readonly number[] }): Value {
  return takeAxis(graph, computed(graph, plain(graph, x), { shape: x.shape }), which);
}
