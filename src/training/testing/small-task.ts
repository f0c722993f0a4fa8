/** A small training task on made-up images, for tests. */

import { seededRng } from '../../arrays/rng.ts';
import { mapArrays } from '../../arrays/tree.ts';
import type { Dataset } from '../../contracts/dataset.ts';
import type { TrainerConfig, TrainerName } from '../../contracts/experiment.ts';
import type { Model } from '../../contracts/model.ts';
import { conv2d, dense, flatten, silu } from '../../models/layers/index.ts';
import { joinWeights } from '../../models/network.ts';
import { type GlobalWeights, type RoundSummary, type TrainingTask, train } from '../train.ts';

const side = 8;
const classes = 3;

/** Bright blobs whose place tells the class, under noise: learnable in a few steps. */
export function blobs(size: number, split: 'train' | 'test', seed = 7): Dataset {
  const rng = seededRng(seed).fork(split);
  const labels = Uint8Array.from({ length: size }, () => rng.integer(classes));
  const pixels = Float32Array.from({ length: size * side * side }, (_, i) => {
    const label = labels[Math.floor(i / (side * side))] as number;
    const row = Math.floor((i % (side * side)) / side);
    const isBlob = Math.floor((row * classes) / side) === label;
    return 0.6 * Number(isBlob) + 0.4 * rng.next();
  });
  return { name: 'blobs', split, size, classes, shape: [side, side, 1], pixels, labels };
}

/** conv 3×3×4 stride 2, silu, flatten, dense 12, silu, dense 3: cuts 1 to 5. */
export function smallModel(): Model {
  const layers = [
    conv2d({ filters: 4, kernel: 3, stride: 2 }),
    silu(),
    flatten(),
    dense({ units: 12 }),
    silu(),
    dense({ units: classes }),
  ];
  return { name: 'small', inputShape: [side, side, 1], classes, layers };
}

export interface SmallTask extends Partial<Omit<TrainingTask, 'trainer' | 'data' | 'shards'>> {
  readonly trainer: TrainerName;
  readonly clients?: number;
  readonly config?: Partial<TrainerConfig>;
  /** Examples of each client. */
  readonly shares?: readonly number[];
  readonly seed?: number;
}

export function smallTask(options: SmallTask): TrainingTask {
  const { trainer, clients = 3, shares = Array<number>(clients).fill(20), seed = 1, config, ...rest } = options;
  const model = options.model ?? smallModel();
  const rng = seededRng(seed);
  const hasServer = trainer !== 'centralized' && trainer !== 'federated';
  const shards = shares.map((share, k) => {
    const start = shares.slice(0, k).reduce((sum, size) => sum + size, 0);
    return Int32Array.from({ length: share }, (_, i) => start + i);
  });
  const examples = shares.reduce((sum, share) => sum + share, 0);
  return {
    gradientRule: undefined,
    rng,
    noiseRng: rng.fork('noise'),
    ...rest,
    model,
    cut: hasServer ? (options.cut ?? 2) : model.layers.length,
    trainer: {
      name: trainer,
      clients: shares.length,
      rounds: 3,
      localEpochs: 1,
      batchSize: 8, // leaves a smaller last batch of 4
      partition: { name: 'iid' },
      participation: 1,
      optimizer: { name: 'sgd', learningRate: 0.1, state: 'reset' },
      ...config,
    },
    data: { train: blobs(examples, 'train'), test: blobs(50, 'test') },
    shards,
  };
}

export interface SmallRun {
  readonly global: GlobalWeights;
  readonly rounds: readonly RoundSummary[];
}

export async function runSmall(options: SmallTask): Promise<SmallRun> {
  const rounds: RoundSummary[] = [];
  const global = await train(smallTask(options), { afterRound: (summary) => rounds.push(summary) });
  return { global, rounds };
}

/** Largest difference of any two corresponding weights of the whole networks. */
export function largestDifference(a: GlobalWeights, b: GlobalWeights): number {
  const flat = (global: GlobalWeights) => {
    const values: number[] = [];
    mapArrays(joinWeights(global.client, global.server), (array) => {
      values.push(...array.data);
      return array;
    });
    return values;
  };
  const [left, right] = [flat(a), flat(b)];
  if (left.length !== right.length) throw new Error(`${left.length} weights against ${right.length}`);
  return left.reduce((most, value, i) => Math.max(most, Math.abs(value - (right[i] as number))), 0);
}
