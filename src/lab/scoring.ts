/** Scores an attack against the truth, and guessing on the same victims. Only here do truth and reconstruction meet. */

import { rows, sizeOf } from '../arrays/ndarray.ts';
import type { Observation, Reconstruction, ViewName, Views } from '../contracts/attack.ts';
import type { Dataset } from '../contracts/dataset.ts';
import type { AttackRecord, MetricName, MetricScore } from '../contracts/experiment.ts';
import { batchOf, labelsOf } from '../data/batches.ts';
import {
  bestAssignment,
  biasCorrectedDistanceCorrelation,
  clipped,
  labelAccuracy,
  majorityLabel,
  meanSquaredError,
  type Picture,
  psnr,
  ssim,
} from '../metrics/index.ts';
import { mean } from './statistics/mean.ts';

export interface ScoringInputs {
  readonly data: Dataset;
  /** The attacker's own examples: what guessing is based on. */
  readonly auxiliary: Dataset;
  /** The victims of each observation, by index into the data. */
  readonly victims: readonly Int32Array[];
  readonly observations: readonly Observation<ViewName>[];
  readonly reconstructions: readonly Reconstruction[];
}

export type Scored = Pick<AttackRecord, 'scores' | 'gallery' | 'paths'>;

/** Whether a larger figure means that more came through. */
export const higherIsMoreLeakage: Readonly<Record<MetricName, boolean>> = {
  psnr: true,
  ssim: true,
  mse: false,
  label_accuracy: true,
  distance_correlation: true,
};

/** One victim, with what the attack made of it. */
interface Pair {
  readonly original: Picture;
  readonly label: number;
  readonly image: Picture | undefined;
  readonly guess: number | undefined;
}

const galleryPictures = 16;

export function scoreAttack(inputs: ScoringInputs): Scored {
  const pairs = inputs.victims.flatMap((indices, batch) => matchedPairs(inputs, indices, batch));
  const withImage = pairs.filter((pair): pair is Pair & { image: Picture } => pair.image !== undefined);
  const shown = withImage.slice(0, galleryPictures);
  return {
    scores: [...imageScores(inputs, withImage), ...labelScores(inputs, pairs), ...dependenceScores(inputs, pairs)],
    paths: inputs.reconstructions.map(({ path = [] }) => path),
    gallery: {
      shape: inputs.data.shape,
      originals: shown.map(({ original }) => rounded(original)),
      reconstructions: shown.map(({ image }) => rounded(image)),
    },
  };
}

/** Results are kept as text: three decimals are finer than the 256 grays of a picture. */
const rounded = (picture: Picture): number[] => Array.from(picture, (value) => Math.round(value * 1000) / 1000);

/** Originals with their reconstructions, matched within the batch by least squared error: gradients tell no order. */
function matchedPairs({ data, reconstructions }: ScoringInputs, indices: Int32Array, batch: number): Pair[] {
  const originals = picturesOf(batchOf(data, indices).x);
  const labels = labelsOf(data, indices);
  const reconstruction = reconstructions[batch];
  const images = reconstruction?.images && picturesOf(reconstruction.images).map(clipped);
  const guesses = reconstruction?.labels;
  const order = assignmentOf({ originals, images, labels, guesses });
  return originals.map((original, i) => ({
    original,
    label: labels[i] as number,
    image: images?.[order[i] as number],
    guess: guesses?.[order[i] as number],
  }));
}

interface Matchable {
  readonly originals: readonly Picture[];
  readonly images: readonly Picture[] | undefined;
  readonly labels: Int32Array;
  readonly guesses: Int32Array | undefined;
}

function assignmentOf({ originals, images, labels, guesses }: Matchable): number[] {
  if (images)
    return bestAssignment(originals.map((original) => images.map((image) => meanSquaredError(original, image))));
  return bestAssignment(
    Array.from(labels, (label) => Array.from(guesses ?? labels, (guess) => Number(guess !== label))),
  );
}

function picturesOf(images: { readonly shape: readonly number[]; readonly data: Float32Array }): Picture[] {
  return Array.from({ length: images.shape[0] ?? 0 }, (_, i) => rows(images, i, i + 1).data);
}

function imageScores({ data, auxiliary }: ScoringInputs, pairs: readonly (Pair & { image: Picture })[]): MetricScore[] {
  if (pairs.length === 0) return [];
  const metrics: readonly (readonly [MetricName, (original: Picture, image: Picture) => number])[] = [
    ['psnr', psnr],
    ['ssim', (original, image) => ssim(original, image, data.shape)],
    ['mse', meanSquaredError],
  ];
  const guesses = [meanPicture(auxiliary), new Float32Array(pairs[0]?.original.length ?? 0).fill(0.5)];
  return metrics.map(([metric, compare]) => {
    const controls = guesses.map((guess) => mean(pairs.map(({ original }) => compare(original, guess))));
    return {
      metric,
      leakage: mean(pairs.map(({ original, image }) => compare(original, image))),
      control: higherIsMoreLeakage[metric] ? Math.max(...controls) : Math.min(...controls),
    };
  });
}

function labelScores({ auxiliary }: ScoringInputs, pairs: readonly Pair[]): MetricScore[] {
  const guessed = pairs.filter((pair): pair is Pair & { guess: number } => pair.guess !== undefined);
  if (guessed.length === 0) return [];
  const labels = guessed.map(({ label }) => label);
  const majority = majorityLabel(auxiliary.labels);
  return [
    {
      metric: 'label_accuracy',
      leakage: labelAccuracy(
        guessed.map(({ guess }) => guess),
        labels,
      ),
      control: labelAccuracy(
        labels.map(() => majority),
        labels,
      ),
    },
  ];
}

/** Between inputs and smashed data, whatever the attack made of them; independent ones score 0 on average. */
function dependenceScores({ observations }: ScoringInputs, pairs: readonly Pair[]): MetricScore[] {
  if (pairs.length < 4 || !observations.every(isMainServerView)) return [];
  const smashed = observations.flatMap(({ releases }) => [
    ...((releases[0] as Views['main-server']).smashed.data ?? []),
  ]);
  const originals = pairs.flatMap(({ original }) => [...original]);
  const x = { count: pairs.length, data: Float32Array.from(originals) };
  const y = { count: pairs.length, data: Float32Array.from(smashed) };
  return [{ metric: 'distance_correlation', leakage: biasCorrectedDistanceCorrelation(x, y), control: 0 }];
}

const isMainServerView = ({ view }: Observation<ViewName>) => view === 'main-server';

function meanPicture({ pixels, shape, size }: Dataset): Picture {
  const scale = pixels instanceof Uint8Array ? 1 / 255 : 1;
  const sums = new Float64Array(sizeOf(shape));
  for (let start = 0; start < pixels.length; start += sums.length) {
    // Rounded as images are: sums of whole grays would differ in the last digit.
    for (let i = 0; i < sums.length; i += 1) sums[i] += Math.fround((pixels[start + i] as number) * scale);
  }
  return Float32Array.from(sums, (sum) => sum / size);
}
