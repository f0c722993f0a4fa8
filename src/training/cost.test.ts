import { expect } from 'chai';
import type { TrainerConfig } from '../contracts/experiment.ts';
import { analyticCost } from './cost.ts';
import { drawnCount, expectedCount } from './participation.ts';
import { runSmall } from './testing/small-task.ts';

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

  it('charges only those who take part in a round, each as before', () => {
    const rows = analyticCost({ ...lenet, participants: 2 });
    const all = analyticCost(lenet);
    for (const [index, { trainer, valuesPerClient, valuesTotal, bytesTotal }] of rows.entries()) {
      expect(valuesTotal, trainer).to.be.closeTo(0.4 * (all[index]?.valuesTotal as number), 1e-6);
      expect(bytesTotal, trainer).to.be.closeTo(0.4 * (all[index]?.bytesTotal as number), 1e-6);
      expect(valuesPerClient, trainer).to.equal(all[index]?.valuesPerClient);
    }
  });

  it('sends the smashed data once a local epoch and the client part once a round', () => {
    const twice = analyticCost({ ...lenet, localEpochs: 2 }).find((row) => row.trainer === 'split');
    expect(twice?.valuesTotal).to.equal(2 * 141_121_560 - 2 * 156 * 5);
  });
});

describe('the bytes of a run', () => {
  /** conv 3×3×4, dense 64 → 12 → 3, cut behind the activation of the convolution. */
  const small = {
    smashedValues: 4 * 4 * 4,
    parameters: 40 + 64 * 12 + 12 + 12 * 3 + 3,
    clientParameters: 40,
  };
  const bytesOf = async (options: Parameters<typeof runSmall>[0]) => {
    const last = (await runSmall(options)).rounds.at(-1);
    return (last?.bytesUp ?? 0) + (last?.bytesDown ?? 0);
  };
  const priced = (
    trainer: TrainerConfig['name'],
    counts: { examples: number; clients: number; participants: number },
  ) => analyticCost({ ...small, ...counts, localEpochs: 2 }).find((row) => row.trainer === trainer)?.bytesTotal ?? 0;

  it('are what the table says, where a share of the clients takes part', async () => {
    const clients = 5;
    for (const [participation, participants] of [
      [0.5, 3],
      [0.35, 2],
      [0.01, 1],
    ] as const) {
      expect(drawnCount({ clients, participation })).to.equal(participants);
      for (const trainer of ['centralized', 'federated', 'split', 'splitfed-v1', 'splitfed-v2'] as const) {
        const config = { rounds: 2, localEpochs: 2, participation };
        const bytes = await bytesOf({ trainer, clients, config });
        const expected = 2 * priced(trainer, { examples: 100, clients, participants });
        expect(bytes, `${trainer}, ${participation}`).to.equal(expected);
      }
    }
  });

  it('are so on average, where each client takes part by chance', async () => {
    const updateRule = { clipNorm: 1, noiseMultiplier: 0 };
    const config = { rounds: 150, localEpochs: 2, participation: 0.5 };
    const participants = expectedCount({ clients: 5, participation: 0.5 }, updateRule);
    expect(participants).to.equal(2.5); // and not 3, as where clients are drawn
    const bytes = await bytesOf({ trainer: 'federated', shares: Array(5).fill(2), config, updateRule });
    const mean = bytes / config.rounds;
    const one = priced('federated', { examples: 10, clients: 5, participants: 1 });
    const std = one * Math.sqrt((5 * 0.5 * 0.5) / config.rounds);
    expect(mean).to.be.closeTo(priced('federated', { examples: 10, clients: 5, participants }), 4.5 * std);
  });
});
