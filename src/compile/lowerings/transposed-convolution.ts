/** The runtime's transposed convolution, and sums of two: one of the channels of both. */

import { sameShape, sizeOf } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import type { Attributes, Graph } from '../graph/graph.ts';
import { perGraph } from '../graph/per-graph.ts';
import { reshaped, type Source, sourceOf } from '../graph/reshaped.ts';

interface Transposed {
  /** `[batch, groups · out, height, width]`: channels are those of the convolution that it transposes. */
  readonly dy: Source;
  /** `[groups · out, in, height, width]` */
  readonly filter: Source;
  /** `[batch, groups · in, height, width]` */
  readonly image: Shape;
  readonly groups: number;
  /** Strides, paddings and the like. */
  readonly how: Attributes;
}

/** @returns The image. */
export function transposedConvolution(graph: Graph, convolution: Transposed): string {
  const { dy, filter, groups, how } = convolution;
  const name = graph.node('ConvTranspose', [dy.name, filter.name], groups === 1 ? how : { ...how, group: groups });
  knownOf(graph).set(name, convolution);
  return name;
}

const knownOf = perGraph(() => new Map<string, Transposed>());

/**
 * The sum of two transposed convolutions onto one image, F(a) + G(b) = [F G]([a; b]): most of their time is adding windows to the image,
 * which is then done once. Gradients of gradients have such sums.
 *
 * @param shape Of the sum.
 * @returns `undefined` where they are something else.
 */
export function jointConvolution(graph: Graph, terms: readonly Source[], shape: Shape): string | undefined {
  const convolutions = terms.map(({ name }) => knownOf(graph).get(sourceOf(graph, name)?.name ?? name));
  const most = Math.max(...convolutions.map((convolution) => convolution?.groups ?? 0));
  const [a, b] = convolutions.map((convolution) => convolution && inGroups(graph, convolution, most));
  if (!a || !b || convolutions[0] === convolutions[1] || !areAlike(a, b)) return undefined;
  const name = transposedConvolution(graph, {
    ...a,
    dy: sideBySide(graph, [a.dy, b.dy], { before: [a.dy.shape[0], most], behind: a.dy.shape.slice(2) }),
    filter: sideBySide(graph, [a.filter, b.filter], { before: [most], behind: a.filter.shape.slice(1) }),
  });
  return reshaped(graph, name, { from: a.image, to: shape });
}

function areAlike(a: Transposed, b: Transposed): boolean {
  const isSame =
    a.groups === b.groups && sameShape(a.image, b.image) && sameShape(a.filter.shape.slice(1), b.filter.shape.slice(1));
  return isSame && JSON.stringify(a.how) === JSON.stringify(b.how);
}

/** Images that share one filter as groups of one image, each with that filter. */
function inGroups(graph: Graph, convolution: Transposed, groups: number): Transposed {
  const { dy, filter, image } = convolution;
  if (convolution.groups === groups || dy.shape[0] !== groups) return convolution;
  const asOne = ([count, channels, ...pixels]: Shape) => [1, count * channels, ...pixels];
  const repeated = graph.node('Tile', [filter.name, graph.ints([groups, 1, 1, 1])]);
  return {
    ...convolution,
    groups,
    dy: { name: reshaped(graph, dy.name, { from: dy.shape, to: asOne(dy.shape) }), shape: asOne(dy.shape) },
    filter: { name: repeated, shape: filter.shape.with(0, groups * filter.shape[0]) },
    image: asOne(image),
  };
}

/** Channels of two behind each other, group by group. */
function sideBySide(
  graph: Graph,
  parts: readonly Source[],
  { before, behind }: { before: Shape; behind: Shape },
): Source {
  const channels = parts.map(({ shape }) => sizeOf(shape) / (sizeOf(before) * sizeOf(behind)));
  const names = parts.map(({ name, shape }, i) =>
    reshaped(graph, name, { from: shape, to: [...before, channels[i], sizeOf(behind)] }),
  );
  const together = channels[0] + channels[1];
  const joint = graph.node('Concat', names, { axis: before.length });
  const shape = [...before.slice(0, -1), (before.at(-1) as number) * together, ...behind];
  return { name: reshaped(graph, joint, { from: [...before, together, sizeOf(behind)], to: shape }), shape };
}
