import { expect } from 'chai';
import type { Shape } from '../../src/contracts/array.ts';
import type { Layer, NormPair } from '../../src/contracts/model.ts';
import { batchNorm, conv2d, dense, maxPool, relu } from '../../src/models/layers/index.ts';
import { normalizedChain } from './normalized-chain.ts';

const image = [9, 9, 1] as const;
const overlapping = () => maxPool({ size: 3, stride: 2 }); // four windows hold a pixel: 4 in L1, 2 in L2, 1 in L∞
const between = (from: NormPair['from'], to: NormPair['to']): NormPair => ({ from, to });

/** The norms of each kernel's division, in order. */
function divisions(layers: readonly Layer[], pair: NormPair, inputShape: Shape): string[] {
  return normalizedChain(layers, pair, { inputShape }).layers.flatMap(
    ({ label }) => /÷ Δ \((.*)\)/.exec(label)?.slice(1) ?? [],
  );
}

describe('layers with normalized kernels', () => {
  it('move their output by what the layers without kernels do', () => {
    const layers = [conv2d({ filters: 2, kernel: 3 }), overlapping(), conv2d({ filters: 2, kernel: 3 }), relu()];
    expect(normalizedChain(layers, between('l1', 'l1'), { inputShape: image }).sensitivity).to.equal(4);
    expect(normalizedChain(layers, between('l2', 'l2'), { inputShape: image }).sensitivity).to.equal(2);
  });

  it('change the norm in the last kernel, where nothing else speaks', () => {
    const layers = [conv2d({ filters: 2, kernel: 3 }), relu(), conv2d({ filters: 2, kernel: 3 }), relu()];
    expect(divisions(layers, between('l1', 'l2'), image)).to.deep.equal(['l1', 'l1 to l2']);
    expect(divisions(layers, between('l2', 'l2'), image)).to.deep.equal(['l2', 'l2']);
  });

  it('change it earlier where the layers between do less in the other norm', () => {
    const layers = [conv2d({ filters: 2, kernel: 3 }), overlapping(), conv2d({ filters: 2, kernel: 3 })];
    expect(divisions(layers, between('l1', 'l2'), image)).to.deep.equal(['l1 to l2', 'l2']);
    expect(normalizedChain(layers, between('l1', 'l2'), { inputShape: image }).sensitivity).to.equal(2); // not 4
  });

  it('change it where the fewest values pass, if the change costs by their number', () => {
    const layers = [dense({ units: 2 }), dense({ units: 50 }), dense({ units: 50 })];
    expect(divisions(layers, between('l2', 'l1'), [64])).to.deep.equal(['l2', 'l2 to l1', 'l1']);
    expect(divisions(layers, between('l1', 'l2'), [64])).to.deep.equal(['l1', 'l1', 'l1 to l2']);
  });

  it('are none where a sensitivity is unknown', () => {
    expect(() => normalizedChain([batchNorm()], between('l1', 'l2'), { inputShape: image })).to.throw(
      RangeError,
      /batch-norm/,
    );
  });
});
