import { expect } from 'chai';
import { defenses } from '../../defenses/index.ts';
import { arraysOf } from '../arrays/tree.ts';
import { tf } from '../compile/tf.ts';
import type { Attack, AttackEntry, Knowledge, Observation } from '../contracts/attack.ts';
import type { DefenseEntry, DefenseSite } from '../contracts/defense.ts';
import type { RunConfig } from '../contracts/experiment.ts';
import type { Layer, ModelEntry } from '../contracts/model.ts';
import { batchNorm, dense, flatten, relu } from '../models/layers/index.ts';
import { blobs } from '../training/testing/small-task.ts';
import type { Catalogues } from './catalogues.ts';
import { ConfigError } from './config/problems.ts';
import { trainVictim } from './phases/victim.ts';
import { recordViews, victimBatches } from './phases/views.ts';
import { executeRun } from './run.ts';
import { setUp } from './setup.ts';

const entry = { summary: '', options: {}, sources: [] };

const modelOf = (name: string, layers: () => readonly Layer[]): ModelEntry => ({
  ...{ ...entry, name, defaultCut: 2, defaultInit: 'glorot' },
  build: ({ inputShape, classes }) => ({ name, inputShape, classes, layers: layers() }),
});

/** Rounds outputs, and leaves the layer the sensitivity that it had without. */
const careless: DefenseEntry = {
  ...{ ...entry, name: 'careless' },
  create: () => ({
    name: 'careless',
    reading: ['nothing'],
    protectLayers: (layers) =>
      layers.map((layer) => ({
        ...layer,
        apply: (params, x, context) => {
          const { output, state } = layer.apply(params, x, context);
          return { output: tf.round(output), state };
        },
      })),
  }),
};

const catalogues: Catalogues = {
  attacks: [],
  defenses: [...defenses, careless],
  datasets: [
    {
      ...{ ...entry, name: 'blobs' },
      load: async () => ({ train: blobs(60, 'train'), test: blobs(20, 'test'), files: [], warnings: [] }),
    },
  ],
  models: [
    modelOf('plain', () => [flatten(), dense({ units: 6 }), relu(), dense({ units: 3 })]),
    modelOf('normalized', () => [flatten(), dense({ units: 6 }), relu(), batchNorm(), dense({ units: 3 })]),
  ],
};

interface Seen {
  readonly clipNorm: number | undefined;
  readonly gradientNorm: number;
}

/** Looks at one victim's gradient in round 3 and reconstructs nothing. */
function onlooker(seen: Seen[]): AttackEntry {
  const attack: Attack<'server', never> = {
    name: 'onlooker',
    threatModel: { view: 'server', conduct: 'honest-but-curious', knows: [] },
    probe: { round: 3, victims: 1, batch: 1, releases: 1, auxiliary: 0 },
    run: async (observations: readonly Observation<'server'>[], { gradientRule }: Knowledge<never>) => {
      const gradient = observations[0]?.releases[0]?.gradient;
      const values = arraysOf(gradient).flatMap(({ data }) => [...data]);
      seen.push({ clipNorm: gradientRule?.clipNorm, gradientNorm: Math.hypot(...values) });
      return observations.map(() => ({ objective: 0 }));
    },
  };
  const views = ['server'] as const;
  return { ...{ ...entry, name: 'onlooker', views }, defaultView: () => 'server', create: () => attack };
}

interface Given {
  readonly model?: string;
  readonly trainer?: RunConfig['trainer']['name'];
  readonly defenses: readonly Readonly<Record<string, number | string>>[];
}

/** With the defaults of each defense written out, as a checked configuration has them. */
function configOf({ model = 'plain', trainer = 'federated', defenses: given }: Given): RunConfig {
  return {
    name: 'test',
    data: { name: 'blobs' },
    model: { name: model, cut: 2, init: 'glorot' },
    trainer: {
      ...{ name: trainer, clients: 3, rounds: 2, localEpochs: 1, batchSize: 8, participation: 0.5 },
      partition: { name: 'iid' },
      optimizer: { name: 'sgd', learningRate: 0.1, state: 'reset' },
    },
    defenses: given.map((own) => {
      const table = defenses.find(({ name }) => name === own['name'])?.options ?? {};
      const defaults = Object.entries(table).map(([name, spec]) => [name, spec.default]);
      return { ...Object.fromEntries(defaults), ...own } as RunConfig['defenses'][number];
    }),
    attacks: [],
    seed: 1,
    ledger: { delta: 1e-5, distance: 1 },
  };
}

async function problemsOf(given: Given): Promise<string> {
  try {
    await setUp(configOf(given), { catalogues });
    return '';
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigError);
    return (error as Error).message;
  }
}

describe('setting up a private run', () => {
  it('refuses batch normalization under dp-sgd, on either side of the cut, before anything runs', async () => {
    const given = { model: 'normalized', defenses: [{ name: 'dp-sgd' }] };
    expect(await problemsOf(given)).to.match(
      /defenses.*layer 4 \(batch-norm\) of model "normalized" mixes the examples of a batch, so one example has no gradient/s,
    );
    expect(await problemsOf({ ...given, trainer: 'splitfed-v2' })).to.match(
      /layer 4 \(batch-norm\) .* every row of the cut gradient depends on the whole batch/s,
    );
    expect(await problemsOf({ ...given, defenses: [] })).to.equal('');
  });

  it('refuses running statistics under dp-fedavg', async () => {
    const message = await problemsOf({ model: 'normalized', defenses: [{ name: 'dp-fedavg' }] });
    expect(message).to.match(
      /layer 4 \(batch-norm\) of model "normalized" keeps running statistics \(mean, variance\)/,
    );
  });

  it('refuses dp-fedavg where no updates are averaged, and beside dp-sgd', async () => {
    for (const trainer of ['centralized', 'split'] as const) {
      const message = await problemsOf({ trainer, defenses: [{ name: 'dp-fedavg' }] });
      expect(message).to.match(/needs a trainer that averages client updates/);
    }
    const both = await problemsOf({ defenses: [{ name: 'dp-sgd' }, { name: 'dp-fedavg' }] });
    expect(both).to.match(/one mechanism on the weights channel/);
  });

  it('refuses a defense that changes layers and keeps what they claimed', async () => {
    const message = await problemsOf({ trainer: 'splitfed-v1', defenses: [{ name: 'careless' }, { name: 'pixeldp' }] });
    expect(message).to.match(/changes what layer "flatten" computes and keeps its sensitivity.*wrapLayer/s);
  });

  it('hands the rules on, and nothing where there is none', async () => {
    const clipping = { kind: 'per-layer' };
    const records = await setUp(configOf({ defenses: [{ name: 'dp-sgd', clipping: 'per-layer' }] }), { catalogues });
    expect(records.gradientRule).to.deep.equal({ clipNorm: 1, noiseMultiplier: 1.3, clipping });
    expect(records.updateRule).to.equal(undefined);
    const clients = await setUp(configOf({ defenses: [{ name: 'dp-fedavg', clipNorm: 2 }] }), { catalogues });
    expect(clients.updateRule).to.deep.equal({ clipNorm: 2, noiseMultiplier: 1 });
    expect(clients.gradientRule).to.equal(undefined);
  });

  it('tells defenses of every step, round and pass that the training is going to make', async () => {
    const sites: DefenseSite[] = [];
    const curious: DefenseEntry = {
      ...{ ...entry, name: 'curious' },
      create: (_, site) => {
        sites.push(site);
        return { name: 'curious', reading: ['nothing'] };
      },
    };
    const config = configOf({ trainer: 'splitfed-v1', defenses: [{ name: 'curious' }] });
    const trainer = { ...config.trainer, rounds: 4, localEpochs: 5 };
    await setUp({ ...config, trainer }, { catalogues: { ...catalogues, defenses: [curious] } });
    const [{ clients, averaging, split }] = sites as [DefenseSite];
    expect(clients).to.deep.equal(Array(3).fill({ examples: 20, steps: 4 * 5 * 3 })); // ⌈20 ÷ 8⌉ lots an epoch
    expect(averaging).to.deep.equal({ rounds: 4, participation: 0.5 });
    expect(split).to.deep.equal({ passes: 4 * 5, classes: 3 });
  });

  for (const [name, trainer, channel] of [
    ['dp-sgd', 'federated', 'epsilonWeights'],
    ['dp-sgd', 'splitfed-v1', 'epsilonWeightsConditional'],
    ['dp-fedavg', 'federated', 'epsilonWeights'],
    ['joint-dp', 'splitfed-v1', 'epsilonJoint'],
  ] as const) {
    it(`spends the target of ${name} in the whole training, and no more (${trainer})`, async () => {
      const config = configOf({ trainer, defenses: [{ name, epsilon: 4 }] });
      const run = { ...config, trainer: { ...config.trainer, localEpochs: 2, participation: 1 } };
      const result = await executeRun(run, { catalogues, engine: 'onnx', threads: 1, progress: () => undefined });
      expect(result[channel]).to.be.within(4 * (1 - 1e-3), 4);
    });
  }

  it('shows attackers the labels that the victim was trained with, though they are drawn securely', async () => {
    const config = configOf({ trainer: 'splitfed-v1', defenses: [{ name: 'joint-dp', labelEpsilon: 0.01 }] });
    const settingUp = () => setUp(config, { catalogues, noise: 'secure' });
    const victim = await trainVictim(await settingUp(), { moments: ['end'] });
    const later = await settingUp(); // as of another run, which takes the victim from the store
    const request = { view: 'main-server', round: 'end', victims: 20, batch: 20, releases: 1 } as const;
    const [observation] = (await recordViews(later, victim, request)) as Observation<'main-server'>[];
    const shown = [...(observation?.releases[0]?.labels ?? [])];
    const [indices] = victimBatches(later, request) as [Int32Array];
    expect(shown).to.deep.equal([...indices].map((index) => victim.sentLabels?.[index]));
    expect(shown).to.not.deep.equal([...indices].map((index) => later.data.train.labels[index]));
  });

  it('tells attackers the clipping norm of the time, by which what they see was clipped', async () => {
    const seen: Seen[] = [];
    const defense = { name: 'dp-sgd', clipping: 'adaptive', clipNorm: 1e-4, noiseMultiplier: 0, clipLearningRate: 1 };
    const plain = configOf({ defenses: [defense] });
    const config: RunConfig = {
      ...plain,
      trainer: { ...plain.trainer, rounds: 3, clients: 1 },
      attacks: [{ name: 'onlooker', view: 'server' }],
    };
    const own = { ...catalogues, attacks: [onlooker(seen)] };
    await executeRun(config, { catalogues: own, engine: 'onnx', threads: 1, progress: () => undefined });
    const [{ clipNorm, gradientNorm }] = seen as [Seen];
    expect(clipNorm).to.be.above(1e-3); // it went up from 1e-4 in 16 steps
    expect(gradientNorm).to.be.closeTo((clipNorm as number) / 8, 1e-3 * (clipNorm as number));
  });
});
