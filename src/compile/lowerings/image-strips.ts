/**
 * Convolutions in strips: only windows along the width are gathered, of each row of the image (or of as many as the stride). A
 * strip is multiplied with all rows of the kernel at once, and what falls on one pixel of the result is summed. Against windows in
 * rows (`image-rows.ts`) that copies fewer numbers by the height of the kernel, and products have so many more columns.
 *
 * Along the width that is im2col, along the height kn2row (Vasudevan, Anderson & Gregg, "Parallel multi channel convolution using
 * general matrix multiplication", ASAP 2017).
 */

import { sizeOf } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import type { Value } from '../graph/value.ts';
import type { Geometry } from './geometry.ts';
import { pad } from './joins.ts';
import { product, productOfColumns } from './matmul.ts';
import { reduce } from './reductions.ts';
import { reshape, transpose } from './reshape.ts';
import { slice } from './slices.ts';
import { imagePlaces, resultPlaces, type Strips, stripsOf, termsOfImage, termsOfResult } from './strip-places.ts';
import { pixelsAt } from './window-rows.ts';

export function convolutionByStrips(
  graph: Graph,
  { x, filter }: { x: Value; filter: Value },
  geometry: Geometry,
): Value {
  const strips = stripsOf(geometry);
  const how = { transposeA: false, transposeB: false };
  const products = product(graph, imageStrips(graph, x, strips), filterMatrix(graph, filter, strips), how);
  const shape = [...x.shape.slice(0, -3), ...geometry.output, filter.shape.at(-1) as number];
  return summed(graph, products, { shape, terms: termsOfResult(strips) });
}

export function filterGradientByStrips(graph: Graph, { x, dy }: { x: Value; dy: Value }, geometry: Geometry): Value {
  const strips = stripsOf(geometry);
  const { phases, taps, kernel } = strips;
  const matrix = productOfColumns(graph, imageStrips(graph, x, strips), gradientStrips(graph, dy, strips));
  const groups = x.shape.slice(0, -4);
  const channels = [x.shape.at(-1) as number, dy.shape.at(-1) as number] as const;
  const parts = reshape(graph, matrix, [...groups, phases, kernel[1], channels[0], taps, channels[1]]);
  const sorted = transpose(graph, parts, afterGroups(groups, [3, 0, 1, 2, 4]));
  const rows = reshape(graph, sorted, [...groups, taps * phases, kernel[1], ...channels]);
  const size = [...groups, ...kernel, ...channels];
  return slice(graph, rows, { begin: size.map(() => 0), size });
}

export function inputGradientByStrips(
  graph: Graph,
  { dy, filter }: { dy: Value; filter: Value },
  geometry: Geometry & { readonly inputShape: Shape },
): Value {
  const strips = stripsOf(geometry);
  const how = { transposeA: false, transposeB: true };
  const products = product(graph, gradientStrips(graph, dy, strips), filterMatrix(graph, filter, strips), how);
  const shape = [...dy.shape.slice(0, -3), ...geometry.inputShape.slice(1)];
  return summed(graph, products, { shape, terms: termsOfImage(strips) });
}

/** `[…, height, width, in, out]` as `[…, phases · width · in, taps · out]`; rows that complete the last tap are 0. */
function filterMatrix(graph: Graph, filter: Value, { phases, taps }: Strips): Value {
  const groups = filter.shape.slice(0, -4);
  const [height, width, inChannels, outChannels] = filter.shape.slice(-4);
  const none = [0, 0] as const;
  const paddings = [...groups.map(() => none), [0, taps * phases - height] as const, none, none, none];
  const whole = pad(graph, filter, { paddings, value: 0 });
  const parts = reshape(graph, whole, [...groups, taps, phases, width, inChannels, outChannels]);
  const sorted = transpose(graph, parts, afterGroups(groups, [1, 2, 3, 0, 4]));
  return reshape(graph, sorted, [...groups, phases * width * inChannels, taps * outChannels]);
}

/** Of the axes behind those of the groups. */
function afterGroups(groups: Shape, order: readonly number[]): number[] {
  return [...groups.map((_, axis) => axis), ...order.map((axis) => axis + groups.length)];
}

/** `[…, batch · strips, phases · width of the kernel · channels]` of images `[…, batch, height, width, channels]`. */
function imageStrips(graph: Graph, images: Value, strips: Strips): Value {
  return stripsAt(graph, images, { places: imagePlaces(strips), ...strips });
}

/** `[…, batch · strips, taps · channels]`: of each strip what reaches it of the result's gradient. */
function gradientStrips(graph: Graph, dy: Value, strips: Strips): Value {
  return stripsAt(graph, dy, { places: resultPlaces(strips), ...strips });
}

/** @param which As many places of pixels for each strip. */
function stripsAt(graph: Graph, images: Value, which: { places: readonly number[]; strips: number }): Value {
  const { places, strips } = which;
  const [channels, width, height, batch, ...groups] = images.shape.toReversed();
  const pixels = reshape(graph, images, [sizeOf(groups) * batch, height * width, channels]);
  const taken = pixelsAt(graph, pixels, places);
  return reshape(graph, taken, [...groups.toReversed(), batch * strips, (places.length / strips) * channels]);
}

/** Pixels of strips as images of `shape`: each of their pixels is the sum of one of every list of terms. */
function summed(graph: Graph, products: Value, { shape, terms }: { shape: Shape; terms: number[][] }): Value {
  const channels = shape.at(-1) as number;
  const images = sizeOf(shape.slice(0, -3));
  const pixels = reshape(graph, products, [images, sizeOf(products.shape) / (images * channels), channels]);
  const taken = pixelsAt(graph, pixels, terms.flat());
  const apart = reshape(graph, taken, [images, terms.length, terms[0].length, channels]);
  return reshape(graph, reduce(graph, 'ReduceSum', { x: apart, axes: [1], keepDims: false }), shape);
}
