/**
 * Limited-memory BFGS (Nocedal and Wright 2006, Algorithm 7.5) with a weak Wolfe line search (Lewis and Overton 2013,
 * Algorithm 2.6), on the host: only the evaluations run compiled. The search brackets by halving and doubling, so it
 * stands kinks, infinite values and the rounding of float32 objectives.
 */

export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

export type Objective = (w: Float64Array) => Promise<Evaluation>;

export interface LbfgsOptions {
  /** Pairs of steps and gradient changes that are remembered. */
  readonly history?: number;
  /** Evaluations in all; at least one. */
  readonly maxEvaluations?: number;
  /** Done where the value is no larger. */
  readonly tolerance?: number;
  /** Done where no entry of the gradient is larger. */
  readonly gradientTolerance?: number;
  /** Evaluations in one line search. */
  readonly maxLineSearch?: number;
  /** Called after every step; `false` stops. */
  readonly onStep?: (step: LbfgsStep) => unknown;
}

export interface LbfgsStep extends Evaluation {
  readonly w: Float64Array;
  readonly evaluations: number;
  readonly iteration: number;
}

export interface LbfgsResult extends LbfgsStep {
  /** `stalled`: not even the steepest descent finds a lower value (a kink, or the limit of float32). */
  readonly outcome: 'converged' | 'budget' | 'stalled' | 'stopped';
}

/**
 * A local minimum of `evaluate`, from `start`. The result is the lowest point that was accepted; its value never exceeds
 * the start's. Curvature that is not positive is left out of the memory, and a direction that leads nowhere empties it.
 *
 * @throws RangeError where the value at the start is not finite.
 */
export async function minimize(
  evaluate: Objective,
  start: Float64Array,
  options: LbfgsOptions = {},
): Promise<LbfgsResult> {
  const settings = { ...defaults, ...options };
  let budget = settings.maxEvaluations;
  const counted: Objective = (w) => {
    budget -= 1;
    return evaluate(w);
  };
  let point: Point = { w: start.slice(), ...(await counted(start)) };
  if (!Number.isFinite(point.value))
    throw new RangeError(`the start must have a finite value, but has ${point.value}.`);
  const memory = curvatureMemory(settings.history);
  let steps = 0;
  const report = (): LbfgsStep => ({ ...point, evaluations: settings.maxEvaluations - budget, iteration: steps });
  for (;;) {
    if (isConverged(point, settings)) return { ...report(), outcome: 'converged' };
    if (budget <= 0) return { ...report(), outcome: 'budget' };
    const next = await lineSearch(counted, point, {
      direction: memory.direction(point.gradient),
      firstStep: memory.isEmpty() ? Math.min(1, 1 / sumOfAbsolutes(point.gradient)) : 1,
      maxEvaluations: Math.min(budget, settings.maxLineSearch),
    });
    if (next) {
      memory.add(difference(next.w, point.w), difference(next.gradient, point.gradient));
      point = next;
      steps += 1;
      if (settings.onStep?.(report()) === false) return { ...report(), outcome: 'stopped' };
    } else {
      if (memory.isEmpty()) return { ...report(), outcome: budget <= 0 ? 'budget' : 'stalled' };
      memory.clear();
    }
  }
}

function isConverged({ value, gradient }: Evaluation, { tolerance, gradientTolerance }: typeof defaults): boolean {
  return value <= tolerance || largest(gradient) <= gradientTolerance;
}

const defaults = {
  history: 50,
  maxEvaluations: 1500,
  tolerance: Number.NEGATIVE_INFINITY,
  gradientTolerance: 1e-12,
  maxLineSearch: 25,
};

interface Point extends Evaluation {
  readonly w: Float64Array;
}

interface Search {
  readonly direction: Float64Array;
  readonly firstStep: number;
  readonly maxEvaluations: number;
}

const sufficientDecrease = 1e-4;
const curvature = 0.9;

/** A point that meets the weak Wolfe conditions, or at least lies lower where the budget ends; `undefined` for none. */
async function lineSearch(evaluate: Objective, from: Point, search: Search): Promise<Point | undefined> {
  const slope = dot(from.gradient, search.direction);
  if (!(slope < 0)) return undefined;
  let [low, high, step] = [0, Number.POSITIVE_INFINITY, search.firstStep];
  let lower: Point | undefined;
  for (let trial = 0; trial < search.maxEvaluations; trial += 1) {
    const w = from.w.map((value, index) => value + step * (search.direction[index] as number));
    const point = { w, ...(await evaluate(w)) };
    const descends = point.value <= from.value + sufficientDecrease * step * slope; // false for NaN
    if (!descends) {
      high = step;
    } else {
      lower = point.value < (lower ?? from).value ? point : lower;
      if (dot(point.gradient, search.direction) >= curvature * slope) return point;
      low = step;
    }
    step = Number.isFinite(high) ? (low + high) / 2 : 2 * step;
    if (step === low || step === high) break; // no number lies between them
  }
  return lower;
}

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** ⟨step, change⟩ */
  readonly product: number;
}

/** The two-loop recursion over the last pairs (Nocedal and Wright 2006, Algorithm 7.4). */
function curvatureMemory(history: number) {
  let pairs: Pair[] = [];
  return {
    isEmpty: () => pairs.length === 0,
    clear: () => {
      pairs = [];
    },
    add: (step: Float64Array, change: Float64Array) => {
      const product = dot(step, change);
      if (product > 1e-10 * Math.sqrt(dot(step, step) * dot(change, change))) {
        pairs = [...pairs, { step, change, product }].slice(-history);
      }
    },
    /** −H g */
    direction: (gradient: Float64Array) => {
      const q = gradient.map((value) => -value);
      const shares = pairs.toReversed().map((pair) => {
        const share = dot(pair.step, q) / pair.product;
        addScaled(q, pair.change, -share);
        return share;
      });
      const latest = pairs.at(-1);
      if (latest) scale(q, latest.product / dot(latest.change, latest.change));
      for (const [index, pair] of pairs.entries()) {
        const share = shares[pairs.length - 1 - index] as number;
        addScaled(q, pair.step, share - dot(pair.change, q) / pair.product);
      }
      return q;
    },
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] as number) * (b[index] as number);
  return sum;
}

function addScaled(target: Float64Array, values: Float64Array, factor: number): void {
  for (let index = 0; index < target.length; index += 1) {
    target[index] = (target[index] as number) + factor * (values[index] as number);
  }
}

function scale(target: Float64Array, factor: number): void {
  for (let index = 0; index < target.length; index += 1) target[index] = (target[index] as number) * factor;
}

const difference = (a: Float64Array, b: Float64Array): Float64Array =>
  a.map((value, index) => value - (b[index] as number));

const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

const sumOfAbsolutes = (values: Float64Array): number => values.reduce((sum, value) => sum + Math.abs(value), 0);
