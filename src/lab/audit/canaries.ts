/** A training with canaries in it: records whose clipped gradients each have coordinates of their own. */

import { type Tensor, tf } from '../../compile/tf.ts';
import type { Dataset } from '../../contracts/dataset.ts';
import type { GradientRule } from '../../contracts/defense.ts';
import type { Layer, Model } from '../../contracts/model.ts';
import type { Rng } from '../../contracts/rng.ts';
import { dense, flatten } from '../../models/layers/index.ts';
import type { TrainingTask } from '../../training/train.ts';

export interface CanaryDesign {
  /** Candidates; each is in by its own fair coin. */
  readonly canaries: number;
  /** Lots are drawn at about this rate; 1 takes everything in each step. */
  readonly samplingRate: number;
  readonly rounds: number;
  readonly rule: GradientRule;
}

export interface CanaryTask {
  readonly task: TrainingTask;
  /** Of each canary. */
  readonly included: readonly boolean[];
  /** Of each canary. */
  readonly labels: readonly number[];
}

export const CLASSES = 10;
/** Pixels of ordinary records, on which the model really trains. */
const ORDINARY_FEATURES = CLASSES;
const ORDINARY_RECORDS = 60;

/**
 * Inputs are multiplied by this public constant before the one dense layer: a canary's gradient is then along its own row of the
 * kernel, all but 1 part in 5000 (which goes to the biases), and far above the clipping norm.
 */
export const GAIN = 50;

/** Where canary `index` has its one bright pixel, and its row of the kernel. */
export function rowOf(index: number): number {
  return ORDINARY_FEATURES + index;
}

/** A linear classifier of images that are one row of pixels. */
function canaryModel(canaries: number): Model {
  const gain: Layer = {
    name: 'gain',
    label: `gain ${GAIN}`,
    outputShape: (shape) => shape,
    init: () => ({ params: {}, state: {} }),
    apply: (_, x: Tensor) => ({ output: tf.mul(x, GAIN), state: {} }),
  };
  const inputShape = [1, ORDINARY_FEATURES + canaries, 1] as const;
  return { name: 'canary', inputShape, classes: CLASSES, layers: [flatten(), gain, dense({ units: CLASSES })] };
}

/** Record i has its bright pixels at `bright(i)`. */
function dataset(split: Dataset['split'], labels: readonly number[], rows: readonly number[], width: number): Dataset {
  const pixels = new Float32Array(labels.length * width);
  for (const [record, row] of rows.entries()) pixels[record * width + row] = 1;
  const shape = [1, width, 1] as const;
  return {
    name: 'canaries',
    split,
    size: labels.length,
    classes: CLASSES,
    shape,
    pixels,
    labels: Uint8Array.from(labels),
  };
}

/**
 * Ordinary records (their pixel tells the class) and the canaries whose coin said so, each with a label at random: as a mislabelled
 * record, nothing else teaches it. Those that are out are not there at all: the neighbours of add-or-remove.
 *
 * Throws a RangeError for numbers out of range.
 */
export function canaryTask(design: CanaryDesign, rng: Rng): CanaryTask {
  checkDesign(design);
  const { canaries, samplingRate, rounds, rule } = design;
  const coins = rng.fork('coins');
  const included = Array.from({ length: canaries }, () => coins.next() < 0.5);
  const drawn = rng.fork('labels');
  const labels = Array.from({ length: canaries }, () => drawn.integer(CLASSES));
  const ordinary = Array.from({ length: ORDINARY_RECORDS }, (_, i) => i % CLASSES);
  const inside = labels.flatMap((_, i) => (included[i] ? [i] : []));
  const model = canaryModel(canaries);
  const width = ORDINARY_FEATURES + canaries;
  const records = [...ordinary, ...inside.map((i) => labels[i] as number)];
  const train = dataset('train', records, [...ordinary, ...inside.map(rowOf)], width);
  const batchSize = Math.max(1, Math.round(samplingRate * train.size));
  return {
    included,
    labels,
    task: {
      model,
      cut: model.layers.length,
      data: { train, test: dataset('test', ordinary, ordinary, width) },
      shards: [Int32Array.from({ length: train.size }, (_, i) => i)],
      gradientRule: rule,
      rng: rng.fork('training'),
      noiseRng: rng.fork('noise'),
      trainer: {
        ...{ name: 'centralized', clients: 1, rounds, localEpochs: 1, batchSize, participation: 1 },
        partition: { name: 'iid' },
        optimizer: { name: 'sgd', learningRate: steadyRate(rule, { batchSize, rounds }), state: 'reset' },
      },
    },
  };
}

function checkDesign({ canaries, samplingRate, rounds, rule: { clipNorm, noiseMultiplier } }: CanaryDesign): void {
  if (!(Number.isSafeInteger(canaries) && canaries >= 40)) {
    throw new RangeError(`canaries must be a whole number from 40 on, but is ${canaries}. Fewer prove nothing.`);
  }
  if (!(samplingRate > 0 && samplingRate <= 1)) {
    throw new RangeError(`samplingRate must be above 0 and at most 1, but is ${samplingRate}.`);
  }
  if (!(Number.isSafeInteger(rounds) && rounds >= 1)) {
    throw new RangeError(`rounds must be a whole number from 1 on, but is ${rounds}.`);
  }
  for (const [name, value] of Object.entries({ clipNorm, noiseMultiplier })) {
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`${name} must be positive and finite, but is ${value}. An audit needs a claim.`);
    }
  }
}

/** Moves a canary's logits by about 1 over the training, its noise included, so that its gradient stays above the clipping norm. */
function steadyRate(
  { clipNorm, noiseMultiplier }: GradientRule,
  { batchSize, rounds }: { batchSize: number; rounds: number },
) {
  return batchSize / (GAIN * clipNorm * (rounds + 3 * noiseMultiplier * Math.sqrt(rounds)));
}
