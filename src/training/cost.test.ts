import { expect } from 'chai';
import { analyticCost } from './cost.ts';

describe('analyticCost', () => {
  // LeNet-5 cut after the first pool, 5 clients, 60,000 digits: the worked example of SplitFed's Table 2.
  const lenet = {
    examples: 60_000,
    clients: 5,
    smashedValues: 1176,
    parameters: 61_706,
    clientParameters: 156,
    localEpochs: 1,
  };

  it('reproduces the worked example of LeNet-5', () => {
    const byTrainer = Object.fromEntries(analyticCost(lenet).map((row) => [row.trainer, row]));
    expect(byTrainer['federated']).to.include({
      valuesPerClient: 123_412,
      valuesTotal: 617_060,
      bytesTotal: 4 * 617_060,
    });
    for (const trainer of ['split', 'splitfed-v1', 'splitfed-v2']) {
      expect(byTrainer[trainer]).to.include({ valuesPerClient: 28_224_312, valuesTotal: 141_121_560 });
      expect(byTrainer[trainer]?.bytesTotal).to.equal(4 * (141_121_560 + 60_000));
    }
    expect(byTrainer['centralized']).to.include({ valuesPerClient: 0, valuesTotal: 0, bytesTotal: 0 });
  });

  it('sends the smashed data once a local epoch and the client part once a round', () => {
    const twice = analyticCost({ ...lenet, localEpochs: 2 }).find((row) => row.trainer === 'split');
    expect(twice?.valuesTotal).to.equal(2 * 141_121_560 - 2 * 156 * 5);
  });
});
