import { expect } from 'chai';
import { seededRng } from '../arrays/rng.ts';
import type { Dataset } from '../contracts/dataset.ts';
import { randomizeLabels } from './labels.ts';

const size = 40_000;
const data: Dataset = {
  name: 'made-up',
  split: 'train',
  size,
  classes: 4,
  shape: [1, 1, 1],
  pixels: new Uint8Array(size),
  labels: new Uint8Array(size).fill(2),
};

describe('randomizeLabels', () => {
  it('keeps labels with the given probability, and spreads the others evenly over the other classes', () => {
    const { labels } = randomizeLabels(data, { keep: 0.7 }, seededRng(3));
    const shares = [0, 1, 2, 3].map((label) => labels.filter((own) => own === label).length / size);
    const within = (p: number) => 4.5 * Math.sqrt((p * (1 - p)) / size); // 4.5σ of a binomial share
    expect(shares[2]).to.be.closeTo(0.7, within(0.7));
    for (const other of [0, 1, 3]) expect(shares[other], `${other}`).to.be.closeTo(0.1, within(0.1)); // 0.075 if the true one were among the others
  });

  it('leaves the data as they are, and all labels at keep 1', () => {
    expect(randomizeLabels(data, { keep: 1 }, seededRng(3)).labels).to.deep.equal(data.labels);
    randomizeLabels(data, { keep: 0 }, seededRng(3));
    expect(new Set(data.labels)).to.deep.equal(new Set([2]));
  });
});
