/** Each pair of configurations by their common seeds, in accuracy and in what each attack got. */

import type { MetricName } from '../../contracts/experiment.ts';
import { undefendedConfigurationIdOf } from '../results/run-id.ts';
import type { Row } from '../results/run-rows.ts';
import { type BySeed, differencesBySeed, holm, type PairedTest, pairedT, signFlip } from '../statistics/paired.ts';
import type { AttackStudy } from './attack-study.ts';
import type { Configuration, Study } from './study.ts';

export interface Comparison {
  readonly a: Configuration;
  readonly b: Configuration;
  /** Number of seeds that both have. */
  readonly seeds: number;
  /** Of a − b; undefined for fewer than two seeds, or where a difference is not finite. */
  readonly test: PairedTest | undefined;
  /** Two-sided p of the exact sign-flip test. */
  readonly signFlip: number | undefined;
  /** Of the paired t test, corrected by Holm for all pairs in this figure. */
  readonly pHolm: number | undefined;
}

/** A figure of one configuration by seed. */
export interface Measured {
  readonly configuration: Configuration;
  readonly values: BySeed;
}

/** Every pair once: a defense minus no defense where one of them is the other without its defenses, else later minus earlier. */
export function compareAll(all: readonly Measured[]): Comparison[] {
  const pairs = all.flatMap((later, index) => all.slice(0, index).map((earlier) => inOrder(later, earlier)));
  const tested = pairs.map(([a, b]) => compare(a, b));
  const corrected = holm(tested.flatMap(({ test }) => (test ? [test.p] : [])));
  let next = 0;
  return tested.map((comparison) => ({ ...comparison, pHolm: comparison.test && corrected[next++] }));
}

function inOrder(later: Measured, earlier: Measured): readonly [Measured, Measured] {
  return isUndefended(later.configuration, earlier.configuration) ? [earlier, later] : [later, earlier];
}

/** Whether `candidate` is `configuration` without its defenses. */
function isUndefended(candidate: Configuration, { id, config }: Configuration): boolean {
  return candidate.id !== id && candidate.id === undefendedConfigurationIdOf(config);
}

function compare(a: Measured, b: Measured): Omit<Comparison, 'pHolm'> {
  const differences = differencesBySeed(a.values, b.values);
  const areFinite = differences.every(Number.isFinite);
  return {
    a: a.configuration,
    b: b.configuration,
    seeds: differences.length,
    test: areFinite ? pairedT(differences) : undefined,
    signFlip: areFinite ? signFlip(differences) : undefined,
  };
}

/** Of the accuracy of all configurations. */
export function compareAccuracy({ configurations }: Study): Comparison[] {
  return compareAll(configurations.map((configuration) => ({ configuration, values: configuration.accuracy })));
}

/** Of one metric. An attack that fails on the undefended model says nothing about defenses: those are left out. */
export function compareLeakage(attack: AttackStudy, metric: MetricName): Comparison[] {
  const scores = attack.metrics.find((study) => study.metric === metric)?.scores ?? [];
  return compareAll(
    scores
      .filter(({ controlOk }) => controlOk !== false)
      .map(({ configuration, leakage }) => ({ configuration, values: leakage })),
  );
}

export const comparisonColumns = [
  'attack',
  'attack_options',
  'view',
  'metric',
  'configuration_a',
  'configuration_b',
  'against_undefended',
  'seeds',
  'difference_mean',
  'difference_ci_low',
  'difference_ci_high',
  'p_paired_t',
  'p_sign_flip',
  'p_holm',
  'configuration_a_id',
  'configuration_b_id',
] as const;

/** Of comparisons.csv: accuracy first, whose cells of the attack are empty. */
export function comparisonRows(study: Study): Row[] {
  const ofAccuracy = compareAccuracy(study).map((comparison) => comparisonRow({ metric: 'test_accuracy' }, comparison));
  const ofLeakage = study.attacks.flatMap((attack) =>
    attack.metrics.flatMap(({ metric }) => {
      const cells = { attack: attack.name, attack_options: attack.options, view: attack.view, metric };
      return compareLeakage(attack, metric).map((comparison) => comparisonRow(cells, comparison));
    }),
  );
  return [...ofAccuracy, ...ofLeakage];
}

function comparisonRow(cells: Row, { a, b, seeds, test, signFlip, pHolm }: Comparison): Row {
  return {
    ...cells,
    configuration_a: a.label,
    configuration_b: b.label,
    against_undefended: isUndefended(b, a),
    seeds,
    difference_mean: test?.difference,
    difference_ci_low: test?.low,
    difference_ci_high: test?.high,
    p_paired_t: test?.p,
    p_sign_flip: signFlip,
    p_holm: pHolm,
    configuration_a_id: a.id,
    configuration_b_id: b.id,
  };
}

/**
 * The configuration of the best mean, and all that the paired test does not tell from it (Holm-corrected p ≥ 0.05): their ids.
 * Without a test, as with one seed, only what equals the best is with it.
 */
export function bestOf(
  means: readonly { readonly id: string; readonly mean: number }[],
  comparisons: readonly Comparison[],
): Set<string> {
  const finite = means.filter(({ mean }) => !Number.isNaN(mean));
  const top = Math.max(...finite.map(({ mean }) => mean));
  const best = finite.find(({ mean }) => mean === top);
  if (!best) return new Set();
  const tied = new Set(
    comparisons
      .filter(({ a, b, pHolm }) => [a.id, b.id].includes(best.id) && pHolm !== undefined && pHolm >= 0.05)
      .flatMap(({ a, b }) => [a.id, b.id]),
  );
  return new Set(finite.filter(({ id, mean }) => mean === top || tied.has(id)).map(({ id }) => id));
}
