/**
 * Convolutions as products over rows: each row holds the pixels of one window, as channels-last images and filters lie. Groups
 * of images, each with its own filter, are so many products at once.
 */

import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import type { Value } from '../graph/value.ts';
import type { Geometry } from './geometry.ts';
import { pad } from './joins.ts';
import { product } from './matmul.ts';
import { reshape, transpose } from './reshape.ts';
import { slice } from './slices.ts';
import { type Pair, rowsOf, type Windows } from './window-rows.ts';

const count = (length: number) => Array.from({ length }, (_, index) => index);

const noTranspose = { transposeA: false, transposeB: false };

function inputRows(graph: Graph, x: Value, geometry: Geometry): Value {
  const { output, kernel, strides, dilations, before } = geometry;
  const along = (axis: 0 | 1): Windows => ({
    starts: count(output[axis]).map((place) => place * strides[axis] - before[axis]),
    steps: count(kernel[axis]).map((position) => position * dilations[axis]),
  });
  return rowsOf(graph, x, [along(0), along(1)]);
}

/** The last axes of a filter `[…, height, width, in, out]` as a matrix `[…, height · width · in, out]`. */
function filterMatrix(graph: Graph, filter: Value): Value {
  const [outChannels, inChannels, width, height, ...groups] = filter.shape.toReversed();
  return reshape(graph, filter, [...groups.toReversed(), height * width * inChannels, outChannels]);
}

export function convolutionByRows(graph: Graph, { x, filter }: { x: Value; filter: Value }, geometry: Geometry): Value {
  const result = product(graph, inputRows(graph, x, geometry), filterMatrix(graph, filter), noTranspose);
  return reshape(graph, result, [...x.shape.slice(0, -3), ...geometry.output, filter.shape.at(-1) as number]);
}

export function filterGradientByRows(graph: Graph, { x, dy }: { x: Value; dy: Value }, geometry: Geometry): Value {
  const { kernel, output } = geometry;
  const [inChannels, outChannels] = [x.shape.at(-1) as number, dy.shape.at(-1) as number];
  const groups = x.shape.slice(0, -4);
  const gradient = reshape(graph, dy, [...groups, (x.shape.at(-4) as number) * output[0] * output[1], outChannels]);
  const rows = inputRows(graph, x, geometry);
  const result = product(graph, rows, gradient, { transposeA: true, transposeB: false });
  return reshape(graph, result, [...groups, ...kernel, inChannels, outChannels]);
}

/**
 * With stride s the image falls into s × s phases, each reached by every s-th position of the kernel: all phases of a place are one
 * product of the gradient's window there. Needs dilations 1.
 */
export function inputGradientByRows(
  graph: Graph,
  { dy, filter }: { dy: Value; filter: Value },
  geometry: Geometry & { readonly inputShape: Shape },
): Value {
  const { input, strides, before, kernel } = geometry;
  const axes = [0, 1].map((i) => {
    const taps = Math.ceil(kernel[i] / strides[i]);
    const first = Math.floor(before[i] / strides[i]);
    const places = Math.floor((before[i] + input[i] - 1) / strides[i]) - first + 1;
    // Place u of the image is reached from the gradients u − tap.
    const windows: Windows = {
      starts: count(places).map((place) => place + first),
      steps: count(taps).map((tap) => -tap),
    };
    return { taps, first, places, windows };
  });
  const [vertical, horizontal] = axes;
  const both = <T>(of: (axis: (typeof axes)[number]) => T): Pair<T> => [of(vertical), of(horizontal)];
  const rows = rowsOf(
    graph,
    dy,
    both(({ windows }) => windows),
  );
  const matrix = phaseMatrix(graph, filter, { strides, taps: both(({ taps }) => taps) });
  const result = product(graph, rows, matrix, { transposeA: false, transposeB: true });
  const [first, places] = [both((axis) => axis.first), both((axis) => axis.places)];
  return fromPhases(graph, result, { ...geometry, first, places, leading: dy.shape.slice(0, -3) });
}

interface Taps {
  readonly strides: Pair<number>;
  readonly taps: Pair<number>;
}

/** `[…, phases · in, taps · out]` */
function phaseMatrix(graph: Graph, filter: Value, { strides, taps }: Taps): Value {
  const groups = filter.shape.slice(0, -4);
  const [height, width, inChannels, outChannels] = filter.shape.slice(-4);
  const missing = [taps[0] * strides[0] - height, taps[1] * strides[1] - width];
  const none = [0, 0] as const;
  const paddings = [...groups.map(() => none), ...missing.map((rest) => [0, rest] as const), none, none];
  const whole = pad(graph, filter, { paddings, value: 0 });
  const parts = reshape(graph, whole, [...groups, taps[0], strides[0], taps[1], strides[1], inChannels, outChannels]);
  const own = groups.map((_, axis) => axis);
  const order = [1, 3, 4, 0, 2, 5].map((axis) => axis + groups.length);
  const sorted = transpose(graph, parts, [...own, ...order]);
  const phases = strides[0] * strides[1];
  return reshape(graph, sorted, [...groups, phases * inChannels, taps[0] * taps[1] * outChannels]);
}

interface Phases {
  readonly input: Pair<number>;
  readonly strides: Pair<number>;
  readonly before: Pair<number>;
  readonly first: Pair<number>;
  readonly places: Pair<number>;
  readonly leading: Shape;
  readonly inputShape: Shape;
}

/** Phases side by side become pixels; those beyond the image are cut off. */
function fromPhases(graph: Graph, result: Value, phases: Phases): Value {
  const { input, strides, before, first, places, leading, inputShape } = phases;
  const channels = inputShape.at(-1) as number;
  const parts = reshape(graph, result, [...leading, ...places, ...strides, channels]);
  const own = leading.map((_, axis) => axis);
  const order = [0, 2, 1, 3, 4].map((axis) => axis + leading.length);
  const pixels = transpose(graph, parts, [...own, ...order]);
  const covered = [0, 1].map((i) => places[i] * strides[i]);
  const image = reshape(graph, pixels, [...leading, ...covered, channels]);
  const begin = [...leading.map(() => 0), ...[0, 1].map((i) => before[i] - first[i] * strides[i]), 0];
  return slice(graph, image, { begin, size: [...leading, ...input, channels] });
}
