/** A global epoch of SplitFed V1 on LeNet-5: 10,000 made-up digits, batch 64, SGD, averaging on both sides. */

import { seededRng } from '../src/arrays/rng.ts';
import type { Dataset } from '../src/contracts/dataset.ts';
import { train } from '../src/training/train.ts';
import type { Benchmark, Prepared } from './bench.ts';
import { digitsModel } from './networks/named.ts';
import { uniform } from './values.ts';

const examples = 10_000;

/** One training that goes on from iteration to iteration, a round each: what it makes ready at its start is not timed. */
export function splitfedEpoch(clients: number): Prepared {
  const model = digitsModel('lenet5');
  const data = { train: digits(examples, 'train'), test: digits(1, 'test') };
  const each = examples / clients;
  const shards = Array.from({ length: clients }, (_, k) =>
    Int32Array.from({ length: each }, (_unused, i) => k * each + i),
  );
  const trainer = {
    name: 'splitfed-v1',
    clients,
    rounds: Number.POSITIVE_INFINITY,
    localEpochs: 1,
    batchSize: 64,
    partition: { name: 'iid' },
    participation: 1,
    optimizer: { name: 'sgd', learningRate: 0.05, state: 'reset' },
  } as const;
  const task = { model, cut: 3, trainer, data, shards, gradientRule: undefined };
  const gate = turnstile();
  const training = train({ ...task, rng: seededRng(1), noiseRng: seededRng(2) }, { beforeRound: gate.wait });
  return { iterate: () => Promise.race([gate.passed(), training]) };
}

/** Lets one round through for each call of `passed`, which ends where the next one waits. */
function turnstile() {
  let open: () => void = () => {};
  let arrived: () => void = () => {};
  let waiting = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  return {
    wait: () => {
      const passage = new Promise<void>((resolve) => {
        open = resolve;
      });
      arrived();
      return passage;
    },
    async passed() {
      await waiting;
      waiting = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      open();
      await waiting;
    },
  };
}

function digits(size: number, split: 'train' | 'test'): Dataset {
  const { data } = uniform([size, 28, 28, 1], 1000);
  const pixels = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 1) pixels[i] = 256 * data[i]; // `from` would make a list of numbers first
  const labels = Uint8Array.from({ length: size }, (_, i) => (i * 3) % 10);
  return { name: 'made-up', split, size, classes: 10, shape: [28, 28, 1], pixels, labels };
}

export const splitfed: Benchmark = {
  name: 'splitfed-epoch',
  summary: 'global epoch of SplitFed V1, LeNet-5 cut at 3, 5 clients, 10,000 digits, batch 64',
  threads: 1,
  iterations: 1,
  targets: { pytorch: 0.8 },
  prepare: async () => splitfedEpoch(5),
};

export const splitfed100Clients: Benchmark = {
  name: 'splitfed-100-clients',
  summary: 'the same with 100 clients and the same data in all, beside our own 5 clients',
  threads: 1,
  iterations: 1,
  targets: { pytorch: 1.15, jax: 1.15 },
  beside: 'splitfed-epoch',
  prepare: async () => splitfedEpoch(100),
};
