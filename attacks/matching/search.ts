/** Two ways down: first-order steps inside one graph, and L-BFGS. Each returns the lowest point that it came across. */

import { scalar } from '../../src/arrays/ndarray.ts';
import { arraysOf, mapArrays, valueCount } from '../../src/arrays/tree.ts';
import { valueAndGrad } from '../../src/autodiff/index.ts';
import { compile } from '../../src/compile/compile.ts';
import type { NdArray, Tensors } from '../../src/contracts/array.ts';
import type { SearchPoint } from '../../src/contracts/attack.ts';
import type { Rng } from '../../src/contracts/rng.ts';
import { type LbfgsStep, minimize } from '../../src/models/lbfgs.ts';
import type { Optimizer, OptimizerState } from '../../src/models/optimizers.ts';
import type { Given, GradientMatching, Start, Unknowns } from './gradient-matching.ts';

export interface Found {
  readonly unknowns: Unknowns;
  /** Of these unknowns; +∞ where no finite value was met. */
  readonly objective: number;
  readonly path: readonly SearchPoint[];
}

/** Of a path, from the first step to the last. */
const mostPoints = 40;

function thinned(path: readonly SearchPoint[]): SearchPoint[] {
  const stride = Math.ceil(path.length / mostPoints);
  return path.filter((_, index) => (path.length - 1 - index) % stride === 0);
}

export interface DescentPlan {
  readonly iterations: number;
  /** After a share of the iterations, in (0, 1]. */
  readonly learningRate: (share: number) => number;
  readonly batch: number;
  /** For noise that is drawn anew at each step. */
  readonly rng: Rng;
}

/** A search's result, with what it was given. */
export interface Attempt {
  readonly found: Found;
  readonly given: Given;
}

export interface RestartPlan {
  readonly restarts: number;
  readonly rng: Rng;
  /** No further start is made once the objective is no larger. */
  readonly goodEnough?: number;
}

/** Of several random starts the attempt that ends lowest: the attacker has nothing but its objective to choose by. */
export async function lowestOf(
  { restarts, rng, goodEnough = 0 }: RestartPlan,
  attempt: (rng: Rng) => Promise<Attempt>,
): Promise<Attempt> {
  let lowest = await attempt(rng.fork('restart-0'));
  for (let restart = 1; restart < restarts && lowest.found.objective > goodEnough; restart += 1) {
    const next = await attempt(rng.fork(`restart-${restart}`));
    if (next.found.objective < lowest.found.objective) lowest = next;
  }
  return lowest;
}

export type Descent = ({ unknowns, given }: Start, plan: DescentPlan) => Promise<Found>;

interface StepInputs {
  readonly unknowns: Unknowns;
  readonly given: Given;
  readonly state: OptimizerState;
  readonly learningRate: NdArray;
}

/** Gradient, update and objective in one graph, so that a step is one call. Ends early where the objective is not finite. */
export function descent(matching: GradientMatching, optimizer: Optimizer): Descent {
  const step = compile('gradient matching step', ({ unknowns, given, state, learningRate }: Tensors<StepInputs>) => {
    const { value, gradient } = valueAndGrad((own) => matching.objective(own, given), unknowns);
    const next = optimizer.update(unknowns, gradient, state, learningRate);
    return { objective: value, unknowns: next.params, state: next.state };
  });
  return async (start, { iterations, learningRate, batch, rng }) => {
    let { unknowns, given } = start;
    const path: SearchPoint[] = [];
    let lowest = { unknowns, objective: Number.POSITIVE_INFINITY };
    let state = optimizer.init(unknowns);
    for (let k = 1; k <= iterations; k += 1) {
      given = matching.redraw?.(given, { batch, rng: rng.fork(`step-${k}`) }) ?? given;
      const next = await step({ unknowns, state, given, learningRate: scalar(learningRate(k / iterations)) });
      const objective = next.objective.data[0] as number; // before the step
      if (!Number.isFinite(objective)) break;
      path.push({ step: k, objective });
      // With new draws at each step objectives are not comparable, and the last point is taken.
      if (matching.redraw || objective < lowest.objective) lowest = { unknowns, objective };
      unknowns = next.unknowns;
      state = next.state;
    }
    return { ...lowest, path: thinned(path) };
  };
}

export interface QuasiNewtonPlan {
  readonly maxEvaluations: number;
  readonly maxIterations?: number;
  /** Done where the objective is no larger. */
  readonly tolerance?: number;
}

export type QuasiNewton = ({ unknowns, given }: Start, plan: QuasiNewtonPlan) => Promise<Found>;

/** L-BFGS over all unknowns as one vector. Never ends higher than it starts. */
export function quasiNewton(matching: GradientMatching): QuasiNewton {
  const evaluate = compile(
    'gradient matching',
    ({ unknowns, given }: { readonly unknowns: Tensors<Unknowns>; readonly given: Tensors<Given> }) =>
      valueAndGrad((own) => matching.objective(own, given), unknowns),
  );
  return async ({ unknowns: start, given }, { maxEvaluations, maxIterations = maxEvaluations, tolerance = 0 }) => {
    const path: SearchPoint[] = [];
    const onStep = ({ iteration, value }: LbfgsStep) => {
      path.push({ step: iteration, objective: value });
      return iteration < maxIterations;
    };
    const result = await minimize(
      async (w) => {
        const { value, gradient } = await evaluate({ unknowns: fromVector(start, w), given });
        return { value: value.data[0] as number, gradient: toVector(gradient) };
      },
      toVector(start),
      { maxEvaluations, tolerance, onStep },
    );
    return { unknowns: fromVector(start, result.w), objective: result.value, path: thinned(path) };
  };
}

/** All values of a tree, one array after the other. */
function toVector(tree: unknown): Float64Array {
  const vector = new Float64Array(valueCount(tree));
  let offset = 0;
  for (const { data } of arraysOf(tree)) {
    vector.set(data, offset);
    offset += data.length;
  }
  return vector;
}

/** The inverse of `toVector`, in the shapes of `tree`. */
function fromVector<T>(tree: T, vector: Float64Array): T {
  let offset = 0;
  return mapArrays(tree, ({ shape, data }) => {
    offset += data.length;
    return { shape, data: Float32Array.from(vector.subarray(offset - data.length, offset)) };
  });
}
