import { expect } from 'chai';
import { dpSgdEvent, epsilonOf } from '../src/accounting/index.ts';
import { arraysOf } from '../src/arrays/tree.ts';
import type { DefenseSite } from '../src/contracts/defense.ts';
import type { TrainerName } from '../src/contracts/experiment.ts';
import type { ClientUpdate } from '../src/contracts/message.ts';
import type { OptionValues } from '../src/contracts/options.ts';
import { ledgerOf } from '../src/lab/ledger.ts';
import { batchNorm, dense, flatten } from '../src/models/layers/index.ts';
import { protocolOf } from '../src/training/protocol.ts';
import { largestDifference, runSmall, smallModel, smallTask } from '../src/training/testing/small-task.ts';
import { type GlobalWeights, train } from '../src/training/train.ts';
import { dpFedAvg } from './dp-fedavg.ts';

const averaging = ['federated', 'splitfed-v1', 'splitfed-v2'] as const;
const site: DefenseSite = {
  cut: 2,
  inputShape: [8, 8, 1],
  batchSize: 8,
  clients: Array(10).fill({ examples: 100, steps: 40 }),
  delta: 1e-5,
  averaging: { rounds: 50, participation: 0.3 },
};

function created(given: OptionValues, where = site) {
  const defaults = Object.entries(dpFedAvg.options).map(([name, option]) => [name, option.default]);
  return dpFedAvg.create({ ...Object.fromEntries(defaults), ...given }, where);
}

const flat = (tree: unknown): number[] => arraysOf(tree).flatMap(({ data }) => [...data]);
const norm = (values: readonly number[]) => Math.hypot(...values);
const refusal = (run: Promise<unknown>) =>
  run.then(
    () => '',
    (error: Error) => error.message,
  );

/** Local training that moves nothing: what moves the global model is noise. */
const still = { optimizer: { name: 'sgd', learningRate: 1e-12, state: 'reset' } } as const;

/** Updates of about 1e-3, which hardly change from round to round. */
const slow = { optimizer: { name: 'sgd', learningRate: 1e-3, state: 'reset' } } as const;

describe('dp-fedavg', () => {
  for (const trainer of averaging) {
    it(`clips what a client sends, all of it together (${trainer})`, async () => {
      const norms: number[] = [];
      const updateRule = { clipNorm: 0.03, noiseMultiplier: 0 };
      const task = smallTask({ trainer, updateRule, config: { rounds: 1 } });
      const onMessage = (message: { kind: string }) => {
        if (message.kind === 'client-update') norms.push(norm(flat((message as ClientUpdate).update)));
      };
      await train(task, { onMessage });
      expect(norms).to.have.length(3);
      for (const own of norms) expect(own).to.be.closeTo(0.03, 1e-6);
    });

    it(`without noise and clipping, everybody taking part, is the trainer as it was (${trainer})`, async () => {
      const updateRule = { clipNorm: 1e6, noiseMultiplier: 0 };
      const plain = await runSmall({ trainer, config: { rounds: 2 } });
      const own = await runSmall({ trainer, updateRule, config: { rounds: 2 } });
      expect(largestDifference(plain.global, own.global)).to.be.below(1e-5);
    });

    it(`adds noise ÷ the expected number of clients, though nobody took part (${trainer})`, async () => {
      const updateRule = { clipNorm: 0.5, noiseMultiplier: 0.8 };
      const draws: number[] = [];
      for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
        // 4 clients of which 0.2 take part: 0.8 on average, often none.
        const config = { rounds: 1, participation: 0.2, ...still };
        const { before, after, participants } = await oneRound({ trainer, seed, clients: 4, updateRule, config });
        if (seed === 1) expect(participants).to.be.below(4);
        const [start, end] = [flat(before.client), flat(after.client)];
        draws.push(...end.map((value, i) => value - (start[i] as number)));
        if (participants === 0) expect(after.server).to.deep.equal(before.server);
      }
      const expected = (0.8 * 0.5) / 0.8;
      const std = Math.sqrt(draws.reduce((sum, value) => sum + value ** 2, 0) / draws.length);
      expect(std).to.be.closeTo(expected, (4.5 * expected) / Math.sqrt(2 * draws.length));
    });
  }

  it('adds fresh noise in every round: that of n rounds grows by √n', async () => {
    const updateRule = { clipNorm: 0.5, noiseMultiplier: 0.8 };
    let start: number[] = [];
    const task = smallTask({ trainer: 'federated', updateRule, config: { rounds: 9, ...still } });
    const global = await train(task, {
      beforeRound: async (round, { client }) => {
        if (round === 1) start = flat(client);
      },
    });
    const moves = flat(global.client).map((value, i) => value - (start[i] as number));
    const expected = ((0.8 * 0.5) / 3) * 3;
    const std = norm(moves) / Math.sqrt(moves.length);
    expect(std).to.be.closeTo(expected, (4.5 * expected) / Math.sqrt(2 * moves.length));
  });

  it('clips updates layer by layer, to norms of their own', async () => {
    const layerNorms = [0.03, 0.01, 0.02];
    const { updateRule } = created({ clipping: 'per-layer', layerNorms, noiseMultiplier: 0 });
    const norms: number[][] = [];
    const task = smallTask({ trainer: 'federated', updateRule, config: { rounds: 1 } });
    await train(task, {
      onMessage: (message) => {
        if (message.kind !== 'client-update') return;
        norms.push(message.update.params.map((layer) => norm(flat(layer))).filter((own) => own > 0));
      },
    });
    expect(norms).to.have.length(3);
    for (const own of norms.flatMap((each) => each.map((value, l) => value / (layerNorms[l] as number)))) {
      expect(own).to.be.closeTo(1, 1e-5);
    }
    expect(updateRule?.clipNorm).to.be.closeTo(Math.hypot(0.03, 0.01, 0.02), 1e-12);
    const wrong = created({ clipping: 'per-layer', layerNorms: [1, 2] }).updateRule;
    expect(await refusal(runSmall({ trainer: 'federated', updateRule: wrong }))).to.match(
      /^layerNorms has 2 norms; .* layer 1 \(.*\), layer 4 \(.*\), layer 6 \(.*\)\. Give one/,
    );
  });

  for (const trainer of averaging) {
    it(`lets C follow the median of the clients’ norms, from far above and far below (${trainer})`, async () => {
      const clipping = { kind: 'adaptive', quantile: 0.5, learningRate: 1.5, countStd: 0.01 } as const;
      const last = async (clipNorm: number) => {
        const updateRule = { clipNorm, noiseMultiplier: 1e-6, clipping };
        const own: { readonly norms: number[]; readonly flags: (boolean | undefined)[] } = { norms: [], flags: [] };
        const task = smallTask({ trainer, updateRule, config: { rounds: 16, ...slow } });
        const found: (number | undefined)[] = [];
        await train(task, {
          onMessage: (message) => {
            if (message.kind !== 'client-update') return;
            own.norms.push(norm(flat(message.update)));
            own.flags.push(message.isBelowClip);
          },
          afterRound: ({ updateClipNorm }) => found.push(updateClipNorm),
        });
        expect(own.flags.slice(0, 3)).to.deep.equal(Array(3).fill(clipNorm > 0.1));
        expect(Math.max(...own.norms)).to.be.above(0);
        return found.at(-1) as number;
      };
      const [below, above] = [await last(1e-5), await last(10)]; // C moves by up to e^(1.5/2) a round
      expect(above / below).to.be.within(0.3, 3);
    });
  }

  it('sends one value more with an update under adaptive clipping, and none otherwise', async () => {
    const bytes = async (clipping?: 'adaptive' | 'per-layer') => {
      const { updateRule } = created({ ...(clipping && { clipping }), noiseMultiplier: 0.1 });
      const { rounds } = await runSmall({ trainer: 'federated', updateRule, config: { rounds: 1 } });
      return rounds.at(-1)?.bytesUp as number;
    };
    expect((await bytes('adaptive')) - (await bytes())).to.equal(3 * 4);
    expect(await bytes('per-layer')).to.equal(await bytes());
  });

  it('takes the ways of clipping with their options, flat where none is named', () => {
    expect(created({ clipping: 'flat' }).updateRule).to.deep.equal({ clipNorm: 1, noiseMultiplier: 1 });
    expect(created({ clipping: 'per-layer' }).updateRule?.clipping).to.deep.equal({ kind: 'per-layer' });
    // 0.3 of 10 clients take part: a twentieth of 3, room for z < 0.3.
    expect(created({ clipping: 'adaptive', noiseMultiplier: 0.2 }).updateRule?.clipping).to.deep.equal({
      ...{ kind: 'adaptive', quantile: 0.5, learningRate: 0.2 },
      countStd: 0.15,
    });
    expect(() => created({ clipping: 'adaptive' })).to.throw(RangeError, /below 2 · countStd = 0.3 .* is 1/);
    expect(() => created({ quantile: 0.3 })).to.throw(RangeError, /quantile is for clipping "adaptive", but .* "flat"/);
    expect(() => created({ clipping: 'adaptive', layerNorms: [1] })).to.throw(RangeError, /layerNorms is for clipping/);
  });

  it('accounts adaptive clipping with z, of updates and counts together', () => {
    const { updateRule, reading } = created({ clipping: 'adaptive', countStd: 0.8, noiseMultiplier: 1.3 });
    expect(updateRule?.noiseMultiplier).to.equal(1.3);
    expect(reading[0]).to.match(/noise of 2\.2299\d* times .* deviation 0\.8 to the count .* noise multiplier 1\.3\. /);
  });

  it('samples each client by itself: their number varies like coins', async () => {
    const rounds = 60;
    const steps: number[][] = [];
    const updateRule = { clipNorm: 1, noiseMultiplier: 0 };
    const config = { rounds, participation: 0.4, batchSize: 2, ...still };
    const task = smallTask({ trainer: 'federated', shares: [2, 2, 2, 2, 2, 2, 2, 2], updateRule, config });
    await train(task, { afterRound: (summary) => steps.push([...summary.steps]) });
    const counts = steps.map((after, r) => after.filter((own, k) => own > (steps[r - 1]?.[k] ?? 0)).length);
    const mean = counts.reduce((sum, count) => sum + count, 0) / rounds;
    const variance = counts.reduce((sum, count) => sum + (count - 3.2) ** 2, 0) / rounds;
    // Binomial(8, 0.4): mean 3.2, variance 1.92; standard errors √(1.92/60) and about 1.92 √(2/60), taken 4.5 times.
    expect(mean).to.be.closeTo(3.2, 4.5 * Math.sqrt(1.92 / rounds));
    expect(variance).to.be.closeTo(1.92, 4.5 * 1.92 * Math.sqrt(2 / rounds)); // a fixed number of clients has 0.04
    expect(Math.min(...counts)).to.be.below(Math.max(...counts));
  });

  it('counts every round of the training for every client, at the rate of participation', () => {
    const updateRule = { clipNorm: 1, noiseMultiplier: 1.1 };
    const ledger = (trainer: TrainerName) =>
      ledgerOf(
        {
          config: {
            ledger: { delta: 1e-5, distance: 1 },
            trainer: smallTask({ trainer, config: { participation: 0.3 } }).trainer,
          },
          protocol: protocolOf(trainer),
          defenses: [],
          gradientRule: undefined,
          updateRule,
          shards: [],
        },
        { round: 50, releases: 3, steps: [150, 0, 0] },
      );
    const expected = epsilonOf(dpSgdEvent({ samplingRate: 0.3, noiseMultiplier: 1.1, steps: 50 }), 1e-5).upper;
    const federated = ledger('federated');
    expect(federated.epsilonWeights).to.equal(expected);
    expect(federated.weightsUnit).to.equal('client');
    expect(federated.readings.join(' ')).to.match(/one client with all its records \(adjacency “client”\)/);
    expect(federated.readings.join(' ')).to.match(/the fed server, which sees them, is trusted/);
    for (const trainer of ['splitfed-v1', 'splitfed-v2'] as const) {
      const { epsilonWeights, epsilonWeightsConditional, readings } = ledger(trainer);
      expect(epsilonWeights).to.equal(Number.POSITIVE_INFINITY);
      expect(epsilonWeightsConditional).to.equal(expected);
      expect(readings.join(' ')).to.match(/if the server part did not depend on the client/);
    }
  });

  it('takes a target ε, and never less noise than that asks for', () => {
    const rule = created({ epsilon: 2 }).updateRule;
    const noiseMultiplier = rule?.noiseMultiplier as number;
    const { upper } = epsilonOf(dpSgdEvent({ samplingRate: 0.3, noiseMultiplier, steps: 50 }), 1e-5);
    expect(upper).to.be.within(1.99, 2);
    expect(created({}).updateRule).to.deep.equal({ clipNorm: 1, noiseMultiplier: 1 });
  });

  it('refuses trainers that average no updates', () => {
    const { averaging: _, ...without } = site;
    expect(() => created({}, without)).to.throw(RangeError, /needs a trainer that averages client updates: federated/);
  });

  it('refuses models that keep running statistics, naming the layer', async () => {
    const model = { ...smallModel(), layers: [flatten(), dense({ units: 5 }), batchNorm(), dense({ units: 3 })] };
    const message = await refusal(
      runSmall({ trainer: 'federated', model, updateRule: { clipNorm: 1, noiseMultiplier: 1 } }),
    );
    expect(message).to.match(/^layer 3 \(batch-norm\) of model "small" keeps running statistics \(mean, variance\)/);
  });

  it('is not added to dp-sgd: their neighbours differ', async () => {
    const rule = { clipNorm: 1, noiseMultiplier: 1 };
    const message = await refusal(runSmall({ trainer: 'federated', gradientRule: rule, updateRule: rule }));
    expect(message).to.match(/one mechanism on the weights channel/);
  });
});

async function oneRound(options: Parameters<typeof smallTask>[0]) {
  let before: GlobalWeights | undefined;
  let participants = 0;
  const after = await train(smallTask(options), {
    beforeRound: async (_, global) => {
      before = global;
    },
    afterRound: ({ steps }) => {
      participants = steps.filter((count) => count > 0).length;
    },
  });
  if (!before) throw new Error('there was no round');
  return { before, after, participants };
}
