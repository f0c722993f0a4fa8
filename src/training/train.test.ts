import { expect } from 'chai';
import type { OptimizerConfig } from '../contracts/experiment.ts';
import type { Message } from '../contracts/message.ts';
import { analyticCost } from './cost.ts';
import { largestDifference, runSmall, smallTask } from './testing/small-task.ts';
import { type RoundSummary, train } from './train.ts';

const optimizers: OptimizerConfig[] = (['reset', 'keep'] as const).flatMap((state) => [
  { name: 'sgd', learningRate: 0.1, state },
  { name: 'momentum', learningRate: 0.03, momentum: 0.9, state },
  { name: 'adam', learningRate: 0.01, state },
]);

describe('the five trainers', () => {
  for (const optimizer of optimizers) {
    const name = `${optimizer.name}, state ${optimizer.state}`;

    it(`E1: splitfed-v1 is federated, for unequal clients and two local epochs (${name})`, async () => {
      const options = { shares: [20, 8, 13], config: { optimizer, localEpochs: 2 } };
      const federated = await runSmall({ trainer: 'federated', ...options });
      const splitfed = await runSmall({ trainer: 'splitfed-v1', ...options });
      expect(largestDifference(federated.global, splitfed.global)).to.be.below(1e-5);
      expect(federated.rounds.at(-1)?.testLoss).to.be.closeTo(splitfed.rounds.at(-1)?.testLoss as number, 1e-5);
    });

    it(`E2: with one client all of them are centralized training (${name})`, async () => {
      const options = { clients: 1, config: { optimizer } };
      const centralized = await runSmall({ trainer: 'centralized', ...options });
      for (const trainer of ['split', 'splitfed-v1', 'splitfed-v2', 'federated'] as const) {
        const other = await runSmall({ trainer, ...options });
        expect(largestDifference(centralized.global, other.global), trainer).to.be.below(1e-5);
      }
    });
  }

  it('differ from each other with several clients', async () => {
    const v1 = await runSmall({ trainer: 'splitfed-v1' });
    const v2 = await runSmall({ trainer: 'splitfed-v2' });
    const split = await runSmall({ trainer: 'split' });
    expect(largestDifference(v1.global, v2.global)).to.be.above(1e-3);
    expect(largestDifference(v2.global, split.global)).to.be.above(1e-3);
  });

  it('keeping the optimizer’s state differs from resetting it', async () => {
    const kept = await runSmall({
      trainer: 'splitfed-v1',
      config: { optimizer: { name: 'adam', learningRate: 0.01, state: 'keep' } },
    });
    const reset = await runSmall({
      trainer: 'splitfed-v1',
      config: { optimizer: { name: 'adam', learningRate: 0.01, state: 'reset' } },
    });
    expect(largestDifference(kept.global, reset.global)).to.be.above(1e-3);
  });

  for (const trainer of ['split', 'splitfed-v1', 'splitfed-v2'] as const) {
    for (const cut of [1, 3, 5]) {
      it(`${trainer} cut at ${cut}: one graph and three with the messages sent give the same numbers`, async () => {
        const fused = await runSmall({ trainer, cut, config: { rounds: 2 } });
        const sent = await runSmall({ trainer, cut, mode: 'messages', config: { rounds: 2 } });
        expect(largestDifference(fused.global, sent.global)).to.be.below(1e-6);
        expect(sent.rounds.map((r) => [r.bytesUp, r.bytesDown])).to.deep.equal(
          fused.rounds.map((r) => [r.bytesUp, r.bytesDown]),
        );
      });
    }
  }

  it('learns', async () => {
    const { rounds } = await runSmall({ trainer: 'splitfed-v1', shares: [60, 60], config: { rounds: 6 } });
    expect(rounds.at(-1)?.testAccuracy).to.be.above(0.9);
    expect(rounds.at(-1)?.trainLoss).to.be.below((rounds[0]?.trainLoss as number) / 2);
  });

  it('gives the same numbers for the same seed, and others for another', async () => {
    const once = await runSmall({ trainer: 'splitfed-v2' });
    const again = await runSmall({ trainer: 'splitfed-v2' });
    const other = await runSmall({ trainer: 'splitfed-v2', seed: 2 });
    expect(largestDifference(once.global, again.global)).to.equal(0);
    expect(once.rounds).to.deep.equal(again.rounds);
    expect(largestDifference(once.global, other.global)).to.be.above(1e-2);
  });

  it('samples clients: a share of them takes part in each round', async () => {
    const { rounds } = await runSmall({ trainer: 'federated', clients: 4, config: { participation: 0.5, rounds: 2 } });
    const active = (steps: readonly number[]) => steps.filter((count) => count > 0).length;
    expect(active(rounds[0]?.steps as number[])).to.equal(2);
    expect(rounds[1]?.steps.reduce((a, b) => a + b)).to.equal(2 * 2 * 3); // rounds × clients × batches of 20 by 8
  });

  it('counts one release for each forward pass of an example', async () => {
    const { rounds } = await runSmall({ trainer: 'splitfed-v1', config: { rounds: 2, localEpochs: 3 } });
    expect(rounds.map((round) => round.releases)).to.deep.equal([3, 6]);
  });

  it('counts the releases of the record that was released most often, of whichever client', async () => {
    const config = { rounds: 3, participation: 0.5 };
    const drawn = (await runSmall({ trainer: 'splitfed-v1', clients: 4, config })).rounds.at(-1) as RoundSummary;
    expect(drawn.releases).to.equal(Math.max(...drawn.steps) / 3); // 3 lots an epoch hold each once
    expect(Math.min(...drawn.steps)).to.be.below(Math.max(...drawn.steps));
    const gradientRule = { clipNorm: 1, noiseMultiplier: 1 };
    let [sent, releases] = [0, 0];
    const task = { trainer: 'split', shares: [2], gradientRule, config: { rounds: 8, batchSize: 1 } } as const;
    await train(smallTask(task), {
      onMessage: (message) => {
        if (message.kind === 'smashed-data') sent += message.labels.length;
      },
      afterRound: (summary) => {
        releases = summary.releases;
      },
    });
    expect(releases)
      .to.be.above(sent / 2)
      .and.below(sent); // of two records the one that coins chose more often
  });

  it('says in which round training diverged', async () => {
    const run = runSmall({
      trainer: 'federated',
      config: { optimizer: { name: 'sgd', learningRate: 1e20, state: 'reset' } },
    });
    const error = await run.then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).to.match(/training diverged: the loss is \S+ in round \d.*learningRate/);
  });
});

describe('messages', () => {
  it('carry what the analytic cost table says, in bytes, and labels', async () => {
    for (const trainer of ['centralized', 'federated', 'split', 'splitfed-v1', 'splitfed-v2'] as const) {
      const { rounds } = await runSmall({ trainer, config: { rounds: 1, localEpochs: 2 } });
      const rows = analyticCost({
        examples: 60,
        clients: 3,
        smashedValues: 4 * 4 * 4,
        parameters: 40 + 64 * 12 + 12 + 12 * 3 + 3,
        clientParameters: 40,
        localEpochs: 2,
      });
      const expected = rows.find((row) => row.trainer === trainer)?.bytesTotal;
      expect((rounds[0]?.bytesUp ?? 0) + (rounds[0]?.bytesDown ?? 0), trainer).to.equal(expected);
    }
  });

  it('go up from clients and down to them, smashed data before cut gradient', async () => {
    const seen: Message[] = [];
    await train(smallTask({ trainer: 'splitfed-v1', clients: 1, config: { rounds: 1 } }), {
      onMessage: (m) => seen.push(m),
    });
    const kinds = seen.map((message) => message.kind);
    expect(kinds).to.deep.equal([
      'global-model',
      ...Array(3).fill(['smashed-data', 'cut-gradient']).flat(),
      'client-update',
    ]);
    expect(seen.map((m) => m.from).slice(0, 3)).to.deep.equal(['fed-server', 'client-0', 'main-server']);
  });
});
