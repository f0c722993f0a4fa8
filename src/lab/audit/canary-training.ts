/**
 * Auditing DP-SGD by one training with many canaries (Steinke, Nasr, Jagielski 2023; white-box scores as Nasr et al. 2023): the
 * project's own trainer runs once, and what it did to each canary's coordinates is held against the accountant's ε.
 */

import {
  type AuditLevel,
  type AuditResult,
  auditOneRunScores,
  auditSampledGaussianScores,
  checkClaim,
  dpSgdEvent,
  epsilonOf,
  provenEpsilon,
} from '../../accounting/index.ts';
import { counted } from '../../arrays/counted.ts';
import type { NdArray } from '../../contracts/array.ts';
import type { Rng } from '../../contracts/rng.ts';
import { samplingRate as rateOf, stepsPerEpoch } from '../../training/lots.ts';
import { type GlobalWeights, type TrainingTask, train } from '../../training/train.ts';
import { type CanaryDesign, type CanaryTask, CLASSES, canaryTask, GAIN, rowOf } from './canaries.ts';

export interface TrainingAuditOptions extends CanaryDesign, AuditLevel {
  readonly rng: Rng;
  /** What is trained in place of the honest task; for tests of the audit. */
  readonly broken?: (task: TrainingTask) => TrainingTask;
}

/**
 * `white-box`: every round's weights were seen, hence the sum of its noisy gradients (of one step, where a round has one);
 * `black-box`: the loss of the canaries, before and after.
 */
export type TrainingView = 'white-box' | 'black-box';

export interface TrainingBound extends AuditResult {
  readonly view: TrainingView;
}

export interface TrainingAudit {
  readonly description: string;
  readonly canaries: number;
  readonly included: number;
  /** The accountant's upper bound for the whole training. */
  readonly claimed: number;
  /** Each at its share of the significance, so that all hold together. */
  readonly bounds: readonly TrainingBound[];
  /** The largest of them. */
  readonly audited: number;
  /** `false`: trainer, clipping, noise or accounting has a bug, but for the audit's rare false alarm. */
  readonly ok: boolean;
  readonly delta: number;
  readonly confidence: number;
}

/**
 * Trains once and holds every bound against the claim. Bounds that suppose sampled Gaussian noise count too: that is what the claim
 * itself says, so that a violation refutes it. Throws a RangeError for numbers out of range.
 */
export async function auditTraining(options: TrainingAuditOptions): Promise<TrainingAudit> {
  const { rng, broken = (task) => task, delta, confidence, rule, canaries, rounds } = options;
  const design = canaryTask(options, rng);
  const weights = await weightsOfRounds(broken(design.task));
  const run = trainingOf(design.task);
  const claimed = provenEpsilon(epsilonOf(dpSgdEvent({ ...run, noiseMultiplier: rule.noiseMultiplier }), delta));
  const bounds = boundsOf(design, weights, { ...options, ...run });
  return {
    description:
      `${counted(rounds, 'round')} (${counted(run.steps, 'step')}) of DP-SGD: clipNorm ${rule.clipNorm}, noiseMultiplier ${rule.noiseMultiplier}, ` +
      `samplingRate ${Number(run.samplingRate.toPrecision(4))}, ${canaries} canaries`,
    canaries,
    included: design.included.filter(Boolean).length,
    claimed,
    bounds,
    audited: Math.max(...bounds.map(({ epsilon }) => epsilon)),
    ok: bounds.every((bound) => checkClaim(claimed, bound).ok),
    delta,
    confidence,
  };
}

interface DenseWeights {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** At the start of each round, and at the end. */
async function weightsOfRounds(task: TrainingTask): Promise<DenseWeights[]> {
  const seen: DenseWeights[] = [];
  const final = await train(task, { beforeRound: async (_, global) => void seen.push(denseOf(global)) });
  return [...seen, denseOf(final)];
}

function denseOf({ client }: GlobalWeights): DenseWeights {
  const { kernel, bias } = (client.params.at(-1) ?? {}) as { kernel?: NdArray; bias?: NdArray };
  if (!kernel || !bias) throw new Error('the canary model does not end in a dense layer');
  return { kernel: Float32Array.from(kernel.data), bias: Float32Array.from(bias.data) };
}

function trainingOf({ trainer, shards }: TrainingTask): { readonly samplingRate: number; readonly steps: number } {
  const examples = shards[0]?.length ?? 0;
  const { batchSize, rounds } = trainer;
  return { samplingRate: rateOf(examples, batchSize), steps: rounds * stepsPerEpoch(examples, batchSize) };
}

/** Of one canary: probabilities of the classes, by the linear model. */
function probabilitiesOf({ kernel, bias }: DenseWeights, row: number): Float64Array {
  const logits = Float64Array.from(bias, (value, k) => value + GAIN * (kernel[row * CLASSES + k] as number));
  const top = Math.max(...logits);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - top), 0);
  return logits.map((logit) => Math.exp(logit - top) / sum);
}

interface Canary {
  readonly row: number;
  readonly label: number;
}

/** Σ over rounds of ⟨what the round did to the canary's row, the direction of its gradient at the round's start⟩. */
function movedAlong(weights: readonly DenseWeights[], { row, label }: Canary): number {
  return weights.slice(1).reduce((total, after, round) => {
    const before = weights[round] as DenseWeights;
    const slope = probabilitiesOf(before, row).map((p, k) => p - (k === label ? 1 : 0));
    const size = Math.hypot(...slope);
    const at = row * CLASSES;
    const moved = slope.reduce(
      (sum, d, k) => sum + d * ((before.kernel[at + k] as number) - (after.kernel[at + k] as number)),
      0,
    );
    return total + moved / size;
  }, 0);
}

/** How much its loss fell. */
function lossFallen(weights: readonly DenseWeights[], { row, label }: Canary): number {
  const chance = (at: DenseWeights | undefined) => (at ? (probabilitiesOf(at, row)[label] as number) : Number.NaN);
  return Math.log(chance(weights.at(-1))) - Math.log(chance(weights[0]));
}

function boundsOf(
  { included, labels }: CanaryTask,
  weights: readonly DenseWeights[],
  { delta, confidence, samplingRate, steps }: AuditLevel & { readonly samplingRate: number; readonly steps: number },
): TrainingBound[] {
  const canaries = labels.map((label, i) => ({ row: rowOf(i), label }));
  const views = [
    { view: 'white-box' as const, scores: canaries.map((canary) => movedAlong(weights, canary)) },
    { view: 'black-box' as const, scores: canaries.map((canary) => lossFallen(weights, canary)) },
  ];
  const share = (1 - confidence) / (2 * views.length);
  const level = { delta, confidence: 1 - share };
  return views.flatMap(({ view, scores }) => {
    const of = (isIn: boolean) => scores.filter((_, i) => included[i] === isIn);
    const worlds = { present: of(true), absent: of(false) };
    const family = { samplingRate, steps, observed: 'training' as const };
    const sampled = auditSampledGaussianScores(worlds, family, level);
    return [
      { view, ...auditOneRunScores({ scores, included }, level) },
      { view, ...sampled, assumption: `${sampled.assumption}, independent on the coordinates of different canaries` },
    ];
  });
}
