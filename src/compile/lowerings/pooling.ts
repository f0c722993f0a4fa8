/** Pooling and its gradients. */

import { computed, inLayout, plain, reshaped } from '../graph/stored.ts';
import type { Layout, Value } from '../graph/value.ts';
import { tf } from '../tf.ts';
import type { Lowering, Lowerings, Unary } from './lowering.ts';

type Pair = number | [number, number];
type Padding = Parameters<typeof tf.backend_util.computePool2DInfo>[4];

interface Pooling {
  readonly filterSize: Pair;
  readonly strides: Pair;
  readonly pad: Padding;
}

const channelsFirst: Layout = [0, 3, 1, 2];

function infoOf(shape: readonly number[], { filterSize, strides, pad }: Pooling) {
  const info = tf.backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
  );
  const { top, left, bottom, right } = info.padInfo;
  return {
    ...info,
    node: {
      kernel_shape: [info.filterHeight, info.filterWidth],
      strides: [info.strideHeight, info.strideWidth],
      pads: [top, left, bottom, right],
    },
  };
}

const pool =
  (op: string): Lowering<Unary, Pooling> =>
  (graph, { x }, attributes) => {
    const info = infoOf(x.shape, attributes);
    const name = graph.node(op, [inLayout(graph, x, channelsFirst)], info.node);
    return computed(graph, name, { shape: info.outShape, layout: channelsFirst });
  };

const maxPoolGrad: Lowering<{ dy: Value; input: Value; output: Value }, Pooling> = (
  graph,
  { dy, input, output },
  attributes,
) => {
  const [batch, height, width, channels] = input.shape;
  const [, rows, columns] = output.shape;
  const { filterHeight, filterWidth, strideHeight, strideWidth } = infoOf(input.shape, attributes);
  const tiled =
    filterHeight === strideHeight &&
    filterWidth === strideWidth &&
    rows * filterHeight === height &&
    columns * filterWidth === width;
  if (!tiled) throw new Error('the gradient of overlapping max-pooling is not there yet');
  const small = [batch, rows, 1, columns, 1, channels];
  const wide = [batch, rows, filterHeight, columns, filterWidth, channels];
  const as = (value: Value, shape: number[]) => reshaped(graph, plain(graph, value), { from: value.shape, to: shape });
  const isMax = graph.node('Equal', [as(input, wide), as(output, small)]);
  const name = graph.node('Where', [isMax, as(dy, small), graph.scalar(0)]);
  return computed(graph, reshaped(graph, name, { from: wide, to: input.shape }), { shape: input.shape });
};

const avgPoolGrad: Lowering<{ dy: Value; input: Value }, Pooling> = (graph, { dy, input }, attributes) => {
  const [batch, height, width, channels] = input.shape;
  const [, rows, columns] = dy.shape;
  const { filterHeight, filterWidth, strideHeight, strideWidth } = infoOf(input.shape, attributes);
  const tiled =
    filterHeight === strideHeight &&
    filterWidth === strideWidth &&
    rows * filterHeight === height &&
    columns * filterWidth === width;
  if (!tiled) throw new Error('the gradient of overlapping average-pooling is not there yet');
  const small = reshaped(graph, plain(graph, dy), { from: dy.shape, to: [batch, rows, 1, columns, 1, channels] });
  const wide = [batch, rows, filterHeight, columns, filterWidth, channels];
  const share = graph.node('Div', [small, graph.scalar(filterHeight * filterWidth)]);
  const name = graph.node('Expand', [share, graph.ints(wide)]);
  return computed(graph, reshaped(graph, name, { from: wide, to: input.shape }), { shape: input.shape });
};

export const pooling = {
  MaxPool: pool('MaxPool'),
  AvgPool: pool('AveragePool'),
  MaxPoolGrad: maxPoolGrad,
  AvgPoolGrad: avgPoolGrad,
} satisfies Lowerings;
