/** Kernels whose result is known while tracing. */

import type { Dtype } from '../graph/graph.ts';
import { constant, splat } from '../graph/stored.ts';
import type { Lowerings, Unary } from './lowering.ts';

interface Filled {
  readonly shape: number[];
  readonly value: number;
  readonly dtype?: Dtype;
}

interface Stepped {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly dtype?: Dtype;
}

export const constants = {
  Fill: (_, __: unknown, { shape, value, dtype = 'float32' }: Filled) => splat(value, shape, dtype),
  LinSpace: (_, __: unknown, { start, stop, num }: { start: number; stop: number; num: number }) => {
    const step = (stop - start) / Math.max(1, num - 1);
    return constant(
      Array.from({ length: num }, (_unused, index) => start + index * step),
      [num],
    );
  },
  OnesLike: (_, { x }: Unary) => splat(1, x.shape, x.dtype),
  Range: (_, __: unknown, { start, stop, step, dtype = 'float32' }: Stepped) => {
    const length = Math.max(0, Math.ceil((stop - start) / step));
    return constant(
      Array.from({ length }, (_unused, index) => start + index * step),
      [length],
      dtype,
    );
  },
  ZerosLike: (_, { x }: Unary) => splat(0, x.shape, x.dtype),
} satisfies Lowerings;
