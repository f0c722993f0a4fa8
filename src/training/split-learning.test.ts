/** Split learning over several clients against one network trained on the same batches in the same order. */

import { expect } from 'chai';
import { scalar } from '../arrays/ndarray.ts';
import { seededRng } from '../arrays/rng.ts';
import { grad } from '../autodiff/index.ts';
import { compile } from '../compile/compile.ts';
import type { Tensor } from '../compile/tf.ts';
import type { Tensors } from '../contracts/array.ts';
import type { Batch } from '../contracts/dataset.ts';
import type { OptimizerConfig } from '../contracts/experiment.ts';
import type { Params, Weights } from '../contracts/model.ts';
import type { Rng } from '../contracts/rng.ts';
import { batchOf } from '../data/batches.ts';
import { meanCrossEntropy } from '../models/losses.ts';
import { applyLayers, initWeights, splitWeights } from '../models/network.ts';
import type { OptimizerState } from '../models/optimizers.ts';
import { optimizerOf } from './optimizer.ts';
import { largestDifference, smallTask } from './testing/small-task.ts';
import { type GlobalWeights, type TrainingTask, train } from './train.ts';

const batchSize = 8;
const shares = [16, 8, 24]; // whole batches: none holds examples of two clients
const cut = 4; // two layers with parameters on the client
const localEpochs = 2;

/** Shuffles nothing, so that who draws the order does not matter. */
function unshuffled(rng: Rng): Rng {
  return {
    ...rng,
    fork: (name) => unshuffled(rng.fork(name)),
    permutation: (count) => Int32Array.from({ length: count }, (_, position) => position),
  };
}

function splitTask(optimizer: OptimizerConfig): TrainingTask {
  const config = { optimizer, localEpochs, batchSize };
  return smallTask({ trainer: 'split', shares, cut, rng: unshuffled(seededRng(1)), config });
}

/** The order in which split learning visits its examples in one round: client after client, each for all its local epochs. */
function sequenceOf({ shards }: TrainingTask): Int32Array {
  return Int32Array.from(shards.flatMap((shard) => Array.from({ length: localEpochs }, () => [...shard]).flat()));
}

/** One party, one epoch a round over that sequence, by the trainer `centralized`. */
function centralized(optimizer: OptimizerConfig): Promise<GlobalWeights> {
  const split = splitTask(optimizer);
  const whole = smallTask({ trainer: 'centralized', shares: [48], rng: split.rng, config: { optimizer, batchSize } });
  return train({ ...whole, shards: [sequenceOf(split)] });
}

interface Step {
  readonly weights: Weights;
  readonly batch: Batch;
  readonly client: OptimizerState;
  readonly server: OptimizerState;
}

/** A step of one network that knows no cut, but for a state of the optimizer on either side of it. */
function wholeStep({ model, trainer }: TrainingTask) {
  const optimizer = optimizerOf(trainer.optimizer);
  return compile('step of the whole network', ({ weights, batch, client, server, rate }: Tensors<Step> & Rate) => {
    const loss = (params: Tensors<Params>) => {
      const { output } = applyLayers(model.layers, { ...weights, params }, batch.x, { training: true });
      return meanCrossEntropy(output, batch.y);
    };
    const gradient = grad(loss, weights.params);
    const side = (state: Tensors<OptimizerState>, start: number, end?: number) =>
      optimizer.update(weights.params.slice(start, end), gradient.slice(start, end), state, rate);
    return { client: side(client, 0, cut), server: side(server, cut) };
  });
}

interface Rate {
  readonly rate: Tensor;
}

/**
 * Centralized training over the clients' batches in turn, written out. `holderOf` says who holds the state of the client
 * part's optimizer during client k's turn.
 */
async function trainInTurn(task: TrainingTask, holderOf: (k: number) => string): Promise<GlobalWeights> {
  const { trainer, data, rng, model } = task;
  const { learningRate, state } = trainer.optimizer;
  const optimizer = optimizerOf(trainer.optimizer);
  const step = wholeStep(task);
  let weights = initWeights(model, rng.fork('weights'));
  const held = new Map<string, OptimizerState>();
  for (let round = 1; round <= trainer.rounds; round += 1) {
    if (state === 'reset') held.clear();
    for (const { k, batch } of batchesOf(task)) {
      const { client, server } = splitWeights(weights, cut);
      const next = await step({
        ...{ weights, rate: scalar(learningRate), batch: batchOf(data.train, batch) },
        client: held.get(holderOf(k)) ?? optimizer.init(client.params),
        server: held.get('server') ?? optimizer.init(server.params),
      });
      held.set(holderOf(k), next.client.state).set('server', next.server.state);
      weights = { ...weights, params: [...next.client.params, ...next.server.params] };
    }
  }
  return splitWeights(weights, cut);
}

/** One round's batches, and whose turn it is. */
function batchesOf({ shards }: TrainingTask): { readonly k: number; readonly batch: Int32Array }[] {
  return shards.flatMap((shard, k) =>
    Array.from({ length: (localEpochs * shard.length) / batchSize }, (_, index) => {
      const start = (index * batchSize) % shard.length;
      return { k, batch: shard.subarray(start, start + batchSize) };
    }),
  );
}

const optimizers: OptimizerConfig[] = (['reset', 'keep'] as const).flatMap((state) => [
  { name: 'sgd', learningRate: 0.1, state },
  { name: 'momentum', learningRate: 0.03, momentum: 0.9, state },
  { name: 'adam', learningRate: 0.01, state },
]);

describe('split learning over three clients', () => {
  for (const optimizer of optimizers) {
    const name = `${optimizer.name}, state ${optimizer.state}`;

    it(`is one network on their batches in turn, with an optimizer state of each client’s own (${name})`, async () => {
      const split = await train(splitTask(optimizer));
      const oracle = await trainInTurn(splitTask(optimizer), (k) => `client-${k}`);
      expect(largestDifference(split, oracle)).to.be.below(1e-5);
    });

    it(`would be centralized training if that state travelled with the client part (${name})`, async () => {
      const oracle = await trainInTurn(splitTask(optimizer), () => 'traveller');
      expect(largestDifference(await centralized(optimizer), oracle)).to.be.below(1e-5);
    });
  }

  for (const state of ['reset', 'keep'] as const) {
    it(`is centralized training where there is no such state (sgd, state ${state})`, async () => {
      const optimizer: OptimizerConfig = { name: 'sgd', learningRate: 0.1, state };
      const split = await train(splitTask(optimizer));
      expect(largestDifference(split, await centralized(optimizer))).to.be.below(1e-5);
    });
  }
});
