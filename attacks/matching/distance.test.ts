import { expect } from 'chai';
import { ndarray } from '../../src/arrays/ndarray.ts';
import { compile } from '../../src/compile/compile.ts';
import type { Tensors } from '../../src/contracts/array.ts';
import type { Params } from '../../src/contracts/model.ts';
import { distanceWeights, gradientDistance, type Weighting } from './distance.ts';

interface Inputs {
  readonly gradient: Params;
  readonly target: Params;
  readonly weights: Params;
}

/** A weak first layer, and a last one with most of the norm: ‖t‖² is 0.25, 16 and 9. */
const target: Params = [
  { kernel: ndarray([2], [0.3, 0.4]) },
  {},
  { kernel: ndarray([1], [4]), bias: ndarray([1], [3]) },
];
/** ‖g − t‖² is 0.25, 4 and 0. */
const gradient: Params = [{ kernel: ndarray([2], [0, 0]) }, {}, { kernel: ndarray([1], [2]), bias: ndarray([1], [3]) }];

async function distance(weighting: Weighting, from: Params = gradient): Promise<number> {
  const run = compile('distance', ({ gradient: own, ...given }: Tensors<Inputs>) =>
    gradientDistance(own, { ...given, weighting }),
  );
  const result = await run({ gradient: from, target, weights: distanceWeights(target, weighting) });
  return result.data[0] as number;
}

describe('gradientDistance', () => {
  it('per-layer is the mean of the relative errors of the arrays', async () => {
    expect(await distance('per-layer')).to.be.closeTo((0.25 / 0.25 + 4 / 16 + 0) / 3, 1e-6); // over 3 arrays, not layers
  });

  it('global is the relative error of the whole', async () => {
    expect(await distance('global')).to.be.closeTo(4.25 / 25.25, 1e-6);
  });

  it('grnn is the square and the norm of the difference', async () => {
    expect(await distance('grnn')).to.be.closeTo(4.25 + Math.sqrt(4.25), 1e-5);
  });

  it('is 0 for the gradient itself, also where an array of it is 0', async () => {
    for (const weighting of ['per-layer', 'global', 'grnn'] as const) {
      expect(await distance(weighting, target), weighting).to.be.below(1e-12);
    }
    const zero = [{ kernel: ndarray([2], [0, 0]) }];
    expect(distanceWeights(zero, 'per-layer')[0]?.['kernel']?.data[0]).to.satisfy(Number.isFinite);
  });
});
