/** Which tilt, grids and windows a composition needs for a given accuracy of ε. */

import { minimize } from '../numeric/brent.ts';
import { chernoffBound } from '../numeric/chernoff.ts';
import { type LossLaw, type LossNodes, logMomentOf } from './loss-law.ts';

/** So many releases that have this law. */
export interface Part {
  readonly law: LossLaw;
  readonly count: number;
}

export interface PartPlan {
  /** Releases that are composed on the fine grid; 1 for those that go straight onto the coarse one. */
  readonly stage: number;
  readonly step: number;
  /** Of the fine grid, in losses. */
  readonly span: Span;
}

/** Where the sum is but for a tilted mass of e^LOG_OUTSIDE, and the tilts at which Chernoff's bound says so. */
export interface Span {
  readonly low: number;
  readonly high: number;
  readonly left: number;
  readonly right: number;
}

export interface Plan {
  readonly tilt: number;
  /** ε, roughly (from above). */
  readonly epsilon: number;
  readonly step: number;
  readonly span: Span;
  readonly parts: readonly PartPlan[];
}

/** What the grids may add to ε, relative: the first with which transforms stay short, else the last. */
const TOLERANCES = [5e-5, 2e-4, 4e-4] as const;
const SHORT = 80_000;
/** Of the span of the sum: an ε below it need not be known to the tolerance. */
const SMALLEST = 3e-4;
/** Of ε, the widest step, if so many go into the span; and how many steps do in any case. */
const RESOLVED = 0.015;
const RESOLVING = 2 ** 16;
const FEWEST = 64;
const STAGE_POWERS = [1 / 3, 0.42, 0.5, 0.58, 2 / 3] as const;
const LOG_OUTSIDE = -27;
const LARGEST_LENGTH = 2 ** 18;

type Moment = (tilt: number) => number;

function momentOf(parts: readonly { readonly nodes: LossNodes; readonly count: number }[]): Moment {
  return (tilt) => parts.reduce((sum, { nodes, count }) => sum + count * logMomentOf(nodes, tilt), 0);
}

/** ε(δ) by Rényi DP of the nodes, and its tilt. */
function chernoff(moment: Moment, delta: number): { tilt: number; epsilon: number } {
  const { tilt, epsilon } = chernoffBound({ logMoment: moment, logDelta: Math.log(delta), tolerance: 1e-3 });
  return { tilt, epsilon: Math.max(epsilon, 1e-12) };
}

/** Tilted sums are within [low, high] but for e^LOG_OUTSIDE, by Chernoff's bound at the best further tilts. */
function spanOf(moment: Moment, tilt: number): Span {
  const at = moment(tilt);
  const range = { low: Math.log(tilt) - 9, high: Math.log(tilt + 1) + 9, tolerance: 0.02 };
  const bound = (sign: 1 | -1) => (log: number) => {
    const further = sign * Math.exp(log);
    return (moment(tilt + further) - at - LOG_OUTSIDE) / further;
  };
  const right = minimize(bound(1), range);
  const left = minimize((log) => -bound(-1)(log), range);
  return { high: bound(1)(right), low: bound(-1)(left), left: Math.exp(left), right: Math.exp(right) };
}

/** Tilted mean of (l − l_i)(l_(i+1) − l): the variance that splitting adds. */
function addedVariance({ losses, logMasses }: LossNodes, tilt: number, step: number): number {
  const at = logMomentOf({ losses, logMasses }, tilt);
  let sum = 0;
  for (let j = 0; j < losses.length; j++) {
    const weight = Math.exp(logMasses[j] + tilt * losses[j] - at);
    const offset = losses[j] - Math.floor(losses[j] / step) * step;
    sum += weight * offset * (step - offset);
  }
  return sum;
}

/** The largest step (halving from `start`) that adds at most this variance. */
function stepWithin(nodes: LossNodes, tilt: number, { start, variance }: { start: number; variance: number }): number {
  let step = start;
  const range = nodes.losses.reduce((a, b) => Math.max(a, b)) - nodes.losses.reduce((a, b) => Math.min(a, b));
  const least = range / LARGEST_LENGTH;
  while (step > least && addedVariance(nodes, tilt, step) > variance) step *= 0.7;
  return step;
}

/** The span when splitting has added this variance. */
function widened({ low, high, ...tilts }: Span, variance: number): Span {
  const margin = 8 * Math.sqrt(variance);
  return { low: low - margin, high: high + margin, ...tilts };
}

function lengthFor(span: Span, step: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(64, ((span.high - span.low) / step) * 1.02 + 4)));
}

/** The step that makes the span fill a power of two. */
function filling(span: Span, step: number): number {
  return ((span.high - span.low) * 1.02) / (Math.min(lengthFor(span, step), LARGEST_LENGTH) - 4);
}

interface Budget {
  /** Of steps. */
  readonly widest: number;
  /** Variance that each of the two stages of each part may add in all. */
  readonly variance: number;
  readonly tilt: number;
}

/** Of a stage, how far it may be moved for no release to be left over. */
const NEAR = 0.25;

/** The number nearest to `target` that divides `count`; `target` itself where none is near. */
function divisorNear(count: number, target: number): number {
  for (let off = 0; off <= NEAR * target; off++) {
    if (count % (target - off) === 0) return target - off;
    if (count % (target + off) === 0) return target + off;
  }
  return target;
}

/** Candidate lengths of the first stage: the smallest total of transforms wins. */
function partPlan(
  { law, count }: Part,
  { variance, tilt, widest }: Budget,
  whole: Span,
): PartPlan & { coarse: number; work: number } {
  const start = Math.min(widest, Math.sqrt((12 * variance) / count));
  const fine = stepWithin(law.nodes, tilt, { start, variance: variance / count });
  const direct = { stage: 1, span: whole, step: fine, coarse: fine, work: lengthFor(whole, fine) };
  const stages = count < 8 ? [] : STAGE_POWERS.map((power) => divisorNear(count, Math.round(count ** power)));
  const options = stages.map((stage) => {
    const raw = spanOf(momentOf([{ nodes: law.nodes, count: stage }]), tilt);
    const span = widened(raw, (variance * stage) / count);
    const coarse = Math.min(widest, Math.sqrt((6 * variance * stage) / count));
    return { stage, span, step: filling(span, fine), coarse, work: lengthFor(span, fine) + lengthFor(whole, coarse) };
  });
  return options.reduce((a, b) => (b.work < a.work ? b : a), direct);
}

/** The widest step: so that ε lies many steps above 0, beside which δ(ε) is a chord, and the span holds a few. */
function widestStep(epsilon: number, { low, high }: Span): number {
  return Math.min((high - low) / FEWEST, Math.max(RESOLVED * epsilon, (high - low) / RESOLVING));
}

function planWithin(
  parts: readonly Part[],
  delta: number,
  { tolerance, most = Number.POSITIVE_INFINITY }: { tolerance: number; most: number | undefined },
): Plan & { work: number } {
  const moment = momentOf(parts.map(({ law, count }) => ({ nodes: law.nodes, count })));
  const bound = chernoff(moment, delta);
  const tilt = bound.tilt;
  const epsilon = Math.min(most, bound.epsilon);
  const raw = spanOf(moment, tilt);
  const variance = (tolerance * Math.max(epsilon, SMALLEST * (raw.high - raw.low))) / ((tilt + 1) * parts.length);
  const span = widened(raw, 2 * variance * parts.length);
  const widest = widestStep(epsilon, span);
  const planned = parts.map((part) => partPlan(part, { variance, tilt, widest }, span));
  const step = filling(span, Math.min(...planned.map((part) => part.coarse)));
  return { tilt, epsilon, span, step, parts: planned, work: Math.max(...planned.map(({ work }) => work)) };
}

export interface Precision {
  /** What ε is at most, if that is known. */
  readonly most?: number;
  /** What the grids may add to ε, relative. Left out: as little as takes no long transforms. */
  readonly tolerance?: number;
}

/** A plan for ε at δ. */
export function planFor(parts: readonly Part[], delta: number, { most, tolerance }: Precision = {}): Plan {
  const [first, ...wider] = tolerance === undefined ? TOLERANCES : ([tolerance] as const);
  let plan = planWithin(parts, delta, { most, tolerance: first });
  for (const next of wider) if (plan.work > SHORT) plan = planWithin(parts, delta, { most, tolerance: next });
  return plan;
}

/** ε at δ that Chernoff's bound (Rényi DP) proves. */
export function chernoffEpsilon(parts: readonly Part[], delta: number): number {
  return chernoff(momentOf(parts.map(({ law, count }) => ({ nodes: law.nodes, count }))), delta).epsilon;
}
