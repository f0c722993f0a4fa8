import { expect } from 'chai';
import fc from 'fast-check';
import { sizeOf as sizeOfShape } from '../arrays/ndarray.ts';
import { seededRng } from '../arrays/rng.ts';
import { arraysOf } from '../arrays/tree.ts';
import { useEngine } from '../compile/engine.ts';
import type { NdArray } from '../contracts/array.ts';
import type { Dataset } from '../contracts/dataset.ts';
import type { Layer, Model } from '../contracts/model.ts';
import { models } from '../models/index.ts';
import { batchNorm, dropout } from '../models/layers/index.ts';
import { initWeights } from '../models/network.ts';
import { noisy } from '../models/noisy.ts';
import { normalized } from '../models/normalized.ts';
import { momentum } from '../models/optimizers.ts';
import { plainLot, privateLot } from './lots.ts';
import { microbatchSizeOf } from './microbatches.ts';
import { type Parties, type StepDesign, trainingStep } from './step.ts';
import { partsOf } from './task.ts';
import { range } from './testing/client-step.ts';
import type { PrivateUpdate } from './update.ts';

const inputShape = [28, 28, 1] as const;

function zoo(name: string, shape: Model['inputShape'] = inputShape): Model {
  const entry = models.find((model) => model.name === name);
  if (!entry) throw new Error(`no model ${name}`);
  return entry.build({ inputShape: shape, classes: 10 });
}

/** The model with another layer behind its first two. */
function withLayer(model: Model, layer: Layer): Model {
  return { ...model, layers: [...model.layers.slice(0, 2), layer, ...model.layers.slice(2)] };
}

function withFirst(model: Model, change: (layer: Layer) => Layer): Model {
  const [first, ...others] = model.layers;
  return { ...model, layers: [change(first as Layer), ...others] };
}

const lenet5 = zoo('lenet5');

describe('microbatchSizeOf', () => {
  for (const [batch, size] of [
    [128, 64],
    [192, 64],
    [256, 64],
    [320, 64],
    [200, 50],
    [132, 66],
  ] as const) {
    it(`divides a batch of ${batch} into microbatches of ${size}, which the numbers of LeNet-5 fit`, () => {
      expect(sizeOf({ model: lenet5, cut: 1, batch })).to.equal(size);
    });
  }

  for (const [batch, threads, size] of [
    [64, 2, 32],
    [256, 2, 64],
    [96, 3, 32],
    [256, 4, 64],
    [192, 2, 48],
  ] as const) {
    it(`divides a batch of ${batch} into microbatches of ${size} on ${threads} threads, as many for each`, () => {
      expect(sizeOf({ model: lenet5, cut: 1, batch, threads })).to.equal(size);
    });
  }

  it('takes a batch whole on two threads that they cannot share, or where a thread would save too little', () => {
    expect(sizeOf({ model: lenet5, cut: 1, batch: 255, threads: 2 })).to.equal(undefined);
    expect(sizeOf({ model: lenet5, cut: 1, batch: 62, threads: 2 })).to.equal(undefined);
    expect(sizeOf({ model: zoo('strided'), cut: 1, batch: 64, threads: 2 })).to.equal(undefined);
  });

  it('takes more examples of a network with fewer numbers, and fewer of one with more', () => {
    expect(sizeOf({ model: zoo('lenet-zhu'), cut: 1, batch: 384 })).to.equal(96);
    expect(sizeOf({ model: zoo('lenet5', [32, 32, 3]), cut: 1, batch: 256 })).to.equal(32);
  });

  const colour = [64, 64, 3] as const;
  const pair = { from: 'l2', to: 'l2' } as const;
  const rule = { distribution: 'normal', scale: () => 1, gain: 1 } as const;
  const wholes: Readonly<Record<string, [Model, number]>> = {
    'below 128 examples': [lenet5, 127],
    'that no fitting size divides': [lenet5, 254],
    'of few numbers, which stay in the cache anyway': [zoo('lenet-zhu'), 128],
    'of too many numbers for 32 examples': [zoo('lenet5', colour), 256],
    'where parameters outweigh what layers compute': [zoo('mlp', [32, 32, 3]), 1024],
    'where a layer mixes examples': [withLayer(lenet5, batchNorm()), 256],
    'where noise is scaled by parameters': [withFirst(lenet5, (layer) => noisy(layer, rule)), 256],
    'where a kernel is divided by its bound': [
      withFirst(lenet5, (layer) => normalized({ layer, inputShape, pair })),
      256,
    ],
    'where a layer keeps something from batch to batch': [
      withLayer(lenet5, { ...dropout({ rate: 0.5 }), init: batchNorm().init }),
      256,
    ],
  };
  for (const [which, [model, batch]] of Object.entries(wholes)) {
    it(`takes a batch whole ${which}`, () => {
      expect(sizeOf({ model, cut: 1, batch })).to.equal(undefined);
    });
  }
});

interface Sent {
  readonly kind: 'smashed data' | 'cut gradient';
  readonly array: NdArray;
}

interface Case {
  readonly model: Model;
  readonly cut: number;
  readonly batch: number;
  /** 1 where left out. */
  readonly threads?: number;
  readonly privacy?: PrivateUpdate;
}

const adaptive = { kind: 'adaptive', quantile: 0.5, learningRate: 0.2, countStd: 0.1 } as const;

const networks: Readonly<Record<string, Model>> = {
  lenet5,
  'lenet5 with dropout': withLayer(lenet5, dropout({ rate: 0.3 })),
  'lenet-zhu': zoo('lenet-zhu'),
};

describe('a step in microbatches', () => {
  after(() => useEngine('onnx'));

  it('gives the same numbers each time, whichever thread is quicker', async () => {
    const task = { model: lenet5, cut: 3, batch: 128, threads: 2 };
    const first = await takeStep(task, 'fused');
    for (let again = 0; again < 3; again += 1) expect(await takeStep(task, 'fused')).to.deep.equal(first);
  });

  it('moves both parties as one on the whole batch does, and sends the same two messages', async () => {
    const cases = fc.record({
      name: fc.constantFrom(...Object.keys(networks)),
      cut: fc.constantFrom(1, 3, 5, Number.POSITIVE_INFINITY),
      batch: fc.constantFrom(160, 192, 256),
      threads: fc.constantFrom(1, 2),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ name, cut, batch, threads }) => {
        const model = networks[name] as Model;
        const task = { model, cut: Math.min(cut, model.layers.length), batch, threads };
        expect(sizeOf(task)).to.be.below(batch);
        const own = await takeStep(task, 'fused');
        const whole = await takeStep({ ...task, threads: 1 }, 'messages');
        expect(own.messages.map(({ kind }) => kind)).to.deep.equal(['smashed data', 'cut gradient']);
        expect(own.loss).to.be.closeTo(whole.loss, 1e-6);
        expectNear(
          own.messages.map(({ array }) => array),
          whole.messages.map(({ array }) => array),
        );
        expectNear(arraysOf(own.parties), arraysOf(whole.parties));
      }),
      { numRuns: 8, seed: 1 },
    );
  });

  for (const clipping of [{ kind: 'flat' }, adaptive] as const) {
    it(`under DP-SGD, of a padded lot, ${clipping.kind} clipping: clips, counts and adds the noise once`, async () => {
      const privacy = { rule: { clipNorm: 2, noiseMultiplier: 0.1, microbatch: 256, clipping }, normaliser: 150 };
      const task = { model: lenet5, cut: 5, batch: 150, privacy };
      const [own, whole] = [await takeStep(task, 'fused'), await takeStep(task, 'messages')];
      expect(own.messages.map(({ array }) => array.shape[0])).to.deep.equal([256, 256]);
      expectNear(
        own.messages.map(({ array }) => array),
        whole.messages.map(({ array }) => array),
      );
      expectNear(arraysOf(own.parties), arraysOf(whole.parties));
      expect(own.clipNorm).to.equal(whole.clipNorm);
      const silent = { ...privacy, rule: { ...privacy.rule, noiseMultiplier: 0 } };
      expect(own.parties).to.not.deep.equal((await takeStep({ ...task, privacy: silent }, 'fused')).parties);
    });
  }
});

/** At a learning rate at which moves are mostly gradient. */
async function takeStep({ model, cut, batch, threads = 1, privacy }: Case, mode: StepDesign['mode']) {
  await useEngine('onnx', { threads });
  const design = { ...partsOf(model, cut), optimizer: momentum(), learningRate: 100, privacy, mode };
  const source = { model, cut, data: digits(batch), batchSize: batch, rng: seededRng(2), noiseRng: seededRng(3) };
  const messages: Sent[] = [];
  const keep = (kind: Sent['kind']) => (array: NdArray) => {
    messages.push({ kind, array });
    return array;
  };
  const [parties, indices] = [partiesOf(model, cut), Int32Array.from(range(0, batch))];
  const lot = privacy
    ? privateLot(source, indices, { name: 'step', params: parties.client.weights.params, rule: privacy.rule })
    : plainLot(source, indices, 'step');
  const transport = () => ({ smashedData: keep('smashed data'), cutGradient: keep('cut gradient') });
  return { ...(await trainingStep(design)(parties, lot, transport)), messages };
}

function partiesOf(model: Model, cut: number): Parties {
  const { params, state } = initWeights(model, seededRng(1));
  const party = (from: number, to?: number) => {
    const weights = { params: params.slice(from, to), state: state.slice(from, to) };
    return { weights, optimizer: momentum().init(weights.params) };
  };
  return { client: party(0, cut), server: party(cut) };
}

function sizeOf({ model, cut, batch, threads = 1 }: Case): number | undefined {
  return microbatchSizeOf(partsOf(model, cut))(partiesOf(model, cut), { examples: batch, threads });
}

function digits(size: number): Dataset {
  const pixels = seededRng(4).uniform(size * sizeOfShape(inputShape));
  const labels = Uint8Array.from({ length: size }, (_, i) => (7 * i) % 10);
  return { name: 'made-up', split: 'train', size, classes: 10, shape: inputShape, pixels, labels };
}

/** Within the rounding of sums in float32, of each array's largest number. */
function expectNear(arrays: readonly NdArray[], others: readonly NdArray[]): void {
  expect(arrays.map(({ shape }) => shape)).to.deep.equal(others.map(({ shape }) => shape));
  arrays.forEach(({ data }, index) => {
    const expected = others[index]?.data ?? new Float32Array(0);
    expect(largestOf(data.map((value, i) => value - (expected[i] as number)))).to.be.at.most(
      2e-5 * largestOf(expected),
    );
  });
}

const largestOf = (data: Float32Array) => data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
