/** Operator norms between different norms against dense matrices decomposed by numpy, and against all inputs at corners. */

import { expect } from 'chai';
import { ndarray, sizeOf } from '../arrays/ndarray.ts';
import { seededRng } from '../arrays/rng.ts';
import { compile } from '../compile/compile.ts';
import type { Tensor } from '../compile/tf.ts';
import type { NdArray, Shape } from '../contracts/array.ts';
import type { Norm, NormPair } from '../contracts/model.ts';
import { convBetween, denseBetween } from './sensitivity-pairs.ts';

const exact = 1 + 3e-6; // float32, and the margin above it

/** 0.5 · sin(1 + i), the kernels of the reference table. */
function waves(shape: Shape): NdArray {
  return ndarray(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => 0.5 * Math.sin(1 + i)),
  );
}

function pairOf(text: string): NormPair {
  const [from, to] = text.split(' ') as [Norm, Norm];
  return { from, to };
}

async function boundOf(bound: (kernel: Tensor) => Tensor | undefined, kernel: NdArray): Promise<number> {
  const { data } = await compile('bound', (k: Tensor) => bound(k) as Tensor)(kernel);
  return data[0] as number;
}

describe('Δ of a dense layer between norms', () => {
  // numpy, with all sign vectors where the pair is NP-hard.
  const known = {
    'l1 l2': 0.6292554883793473,
    'l1 linf': 0.49999510327535174,
    'l2 l1': 2.0078556040544164,
    'l2 linf': 0.9650346792122346,
    'linf l1': 4.013039126943937,
    'linf l2': 2.4794961689318122,
  };
  for (const [pair, expected] of Object.entries(known)) {
    it(`${pair}: exact, and never below`, async () => {
      const bound = await boundOf((k) => denseBetween(k, pairOf(pair)), waves([4, 3]));
      expect(bound).to.be.within(expected * (1 - 1e-7), expected * exact);
    });
  }

  for (const [shape, pair] of [
    [[12, 14], 'linf l1'],
    [[12, 14], 'linf l2'],
    [[14, 12], 'l2 l1'],
    [[14, 12], 'linf l1'], // by the signs of the outputs
  ] as const) {
    it(`${pair} of [${shape}]: the largest over all corners`, async () => {
      const kernel = ndarray(shape, seededRng(1).normal(168));
      const expected = overCorners(kernel, pairOf(pair));
      const bound = await boundOf((k) => denseBetween(k, pairOf(pair)), kernel);
      expect(bound).to.be.within(expected * (1 - 1e-7), expected * exact);
    });
  }

  it('is not given where signs are too many to enumerate', async () => {
    const undefinedAt = async (shape: Shape, pair: string) => {
      let isUndefined = false;
      await boundOf((k) => {
        const bound = denseBetween(k, pairOf(pair));
        isUndefined = bound === undefined;
        return bound ?? k.sum();
      }, waves(shape));
      return isUndefined;
    };
    expect(await undefinedAt([13, 2], 'linf l2')).to.equal(true);
    expect(await undefinedAt([2, 13], 'l2 l1')).to.equal(true);
    expect(await undefinedAt([13, 13], 'linf l1')).to.equal(true);
    expect(await undefinedAt([13, 12], 'linf l1')).to.equal(false);
  });
});

/** ‖A‖∞→q, or ‖A‖₂→₁ = ‖Aᵀ‖∞→₂, over every sign vector; in float64. */
function overCorners({ shape, data }: NdArray, { from, to }: NormPair): number {
  const [rows = 0, columns = 0] = shape;
  const at = (i: number, j: number) => data[i * columns + j] as number;
  const turned = from === 'l2' || rows > columns;
  const [signed, others] = turned ? [columns, rows] : [rows, columns];
  let largest = 0;
  for (let corner = 0; corner < 2 ** signed; corner += 1) {
    const output = Array.from({ length: others }, (_, j) => {
      let sum = 0;
      for (let i = 0; i < signed; i += 1) sum += (turned ? at(j, i) : at(i, j)) * (corner & (1 << i) ? 1 : -1);
      return sum;
    });
    const size =
      from === 'l2' || to === 'l2' ? Math.hypot(...output) : output.reduce((sum, value) => sum + Math.abs(value), 0);
    largest = Math.max(largest, size);
  }
  return largest;
}

describe('Δ of a convolution between norms', () => {
  // Dense matrices with zero padding on 9 × 9.
  const convolutions = [
    { shape: [3, 3, 2, 3], stride: 1, known: [1.8389761100507829, 0.49999510327535174, 1.6417665083508726] },
    { shape: [5, 5, 1, 4], stride: 2, known: [2.1043942745815665, 0.49999510327535174, 1.790025688988191] },
    { shape: [3, 3, 1, 2], stride: 2, known: [1.1378284435796797, 0.49999510327535174, 1.092322896485074] },
    { shape: [1, 1, 3, 3], stride: 1, known: [0.6285504707133182, 0.4946791233116909, 0.8254070685322068] },
  ] as const;
  for (const { shape, stride, known } of convolutions) {
    for (const [index, pair] of ['l1 l2', 'l1 linf', 'l2 linf'].entries()) {
      it(`${pair} of ${shape} at stride ${stride}: exact, and never below`, async () => {
        const bound = await boundOf((k) => convBetween(k, [stride, stride], pairOf(pair)), waves(shape));
        const expected = known[index] as number;
        expect(bound).to.be.within(expected * (1 - 1e-7), expected * exact);
      });
    }
  }
});
