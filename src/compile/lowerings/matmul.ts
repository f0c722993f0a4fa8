/** Matrix products. */

import { microsoft } from '../graph/graph.ts';
import { computed, plain } from '../graph/stored.ts';
import { tf } from '../tf.ts';
import type { Binary, Lowering, Lowerings } from './lowering.ts';

const batchMatMul: Lowering<Binary, { transposeA: boolean; transposeB: boolean }> = (graph, { a, b }, attributes) => {
  const { transposeA, transposeB } = attributes;
  const rows = a.shape.at(transposeA ? -1 : -2) ?? 1;
  const columns = b.shape.at(transposeB ? -2 : -1) ?? 1;
  const batch = tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const inputs = [plain(graph, a), plain(graph, b)];
  const name =
    transposeA || transposeB
      ? graph.node('FusedMatMul', inputs, { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 }, microsoft)
      : graph.node('MatMul', inputs);
  return computed(graph, name, { shape: [...batch, rows, columns] });
};

export const matmul = { BatchMatMul: batchMatMul } satisfies Lowerings;
