import { expect } from 'chai';
import { runSmall } from './testing/small-task.ts';

describe('a round that saw no example', () => {
  // Clients and examples are drawn so rarely that some round has none; the seed decides which.
  const rarely = { participation: 0.1, rounds: 4 };
  const clients = { clipNorm: 1, noiseMultiplier: 1 };
  const records = { clipNorm: 1, noiseMultiplier: 1 };

  it('has no training loss, where Poisson sampling chose no client', async () => {
    const { rounds } = await runSmall({ trainer: 'federated', updateRule: clients, config: rarely });
    const seen = rounds.map(({ steps }, index) => total(steps) - total(rounds[index - 1]?.steps ?? []));
    expect(seen).to.include(0);
    for (const [index, { trainLoss, testLoss }] of rounds.entries()) {
      expect(trainLoss === undefined, `round ${index + 1}`).to.equal(seen[index] === 0); // 0 would be a perfect loss
      expect(testLoss).to.be.above(0);
    }
  });

  it('has none either, where every lot of every client was empty', async () => {
    const optimizer = { name: 'sgd', learningRate: 0.001, state: 'reset' } as const; // no real loss comes near 0
    const config = { batchSize: 1, rounds: 40, optimizer };
    const { rounds } = await runSmall({ trainer: 'centralized', shares: [2], gradientRule: records, config });
    const losses = rounds.map(({ trainLoss }) => trainLoss);
    expect(losses).to.include(undefined); // two lots of two examples at rate 1/2: empty once in 16
    for (const loss of losses.filter((own) => own !== undefined)) expect(loss).to.be.above(0.3);
  });

  it('counts as steps all the same: empty lots are released with their noise', async () => {
    const config = { batchSize: 1, rounds: 40 };
    const { rounds } = await runSmall({ trainer: 'centralized', shares: [2], gradientRule: records, config });
    expect(rounds.map(({ trainLoss }) => trainLoss)).to.include(undefined);
    expect(rounds.map(({ steps }) => steps[0])).to.deep.equal(rounds.map(({ round }) => 2 * round));
  });
});

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
