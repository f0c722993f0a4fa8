/** Two ways down: first-order steps inside one graph, and L-BFGS. Each returns the lowest point that it came across. */

import { scalar } from '../../src/arrays/ndarray.ts';
import { valueAndGrad } from '../../src/autodiff/index.ts';
import { compile } from '../../src/compile/compile.ts';
import type { Tensor } from '../../src/compile/tf.ts';
import type { NdArray, Tensors } from '../../src/contracts/array.ts';
import type { SearchPoint } from '../../src/contracts/attack.ts';
import type { Rng } from '../../src/contracts/rng.ts';
import { type LbfgsStep, minimize } from '../../src/models/lbfgs.ts';
import type { Optimizer, OptimizerState } from '../../src/models/optimizers.ts';
import type { Given, GradientMatching, Start, Unknowns } from './gradient-matching.ts';
import { type Packing, packingOf, structureOf } from './packing.ts';

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
  readonly onStep?: () => void;
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

/** What no step of a search changes. */
const constants = ['given.weights', 'given.target', 'given.importance', 'given.fixed'];

export type Descent = ({ unknowns, given }: Start, plan: DescentPlan) => Promise<Found>;

interface StepInputs {
  readonly unknowns: NdArray;
  readonly given: Given;
  readonly state: OptimizerState;
  readonly learningRate: NdArray;
}

/** Gradient, update and objective in one graph, so that a step is one call. Ends early where the objective is not finite. */
export function descent(matching: GradientMatching, optimizer: Optimizer): Descent {
  const stepFor = perStructure(({ unpackTensors }) =>
    compile(
      'gradient matching step',
      ({ unknowns, given, state, learningRate }: Tensors<StepInputs>) => {
        const objective = (own: Tensor) => matching.objective(unpackTensors(own), given);
        const { value, gradient } = valueAndGrad(objective, unknowns);
        const next = optimizer.update(unknowns, gradient, state, learningRate);
        return { objective: value, unknowns: next.params, state: next.state };
      },
      { constants },
    ),
  );
  return async (start, { iterations, learningRate, batch, rng, onStep }) => {
    const { packing, run: step } = stepFor(start.unknowns);
    let { given } = start;
    let unknowns = packing.pack(start.unknowns);
    let state = optimizer.init(unknowns);
    const path: SearchPoint[] = [];
    let lowest = { unknowns, objective: Number.POSITIVE_INFINITY };
    for (let k = 1; k <= iterations; k += 1) {
      given = matching.redraw?.(given, { batch, rng: rng.fork(`step-${k}`) }) ?? given;
      const next = await step({ unknowns, state, given, learningRate: scalar(learningRate(k / iterations)) });
      const objective = next.objective.data[0] as number; // before the step
      if (!Number.isFinite(objective)) break;
      path.push({ step: k, objective });
      onStep?.();
      // With new draws at each step objectives are not comparable, and the last point is taken.
      if (matching.redraw || objective < lowest.objective) lowest = { unknowns, objective };
      unknowns = next.unknowns;
      state = next.state;
    }
    return { unknowns: packing.unpack(lowest.unknowns), objective: lowest.objective, path: thinned(path) };
  };
}

interface ForStructure<Run> {
  readonly packing: Packing<Unknowns>;
  readonly run: Run;
}

/** What is made once for each structure of unknowns: the last batch of victims may be smaller. */
function perStructure<Run>(make: (packing: Packing<Unknowns>) => Run): (unknowns: Unknowns) => ForStructure<Run> {
  const made = new Map<string, ForStructure<Run>>();
  return (unknowns) => {
    const key = structureOf(unknowns);
    const known = made.get(key);
    if (known) return known;
    const packing = packingOf(unknowns);
    const own = { packing, run: make(packing) };
    made.set(key, own);
    return own;
  };
}

export interface QuasiNewtonPlan {
  readonly maxEvaluations: number;
  readonly maxIterations?: number;
  /** Done where the objective is no larger. */
  readonly tolerance?: number;
  readonly onStep?: () => void;
}

export type QuasiNewton = ({ unknowns, given }: Start, plan: QuasiNewtonPlan) => Promise<Found>;

/** L-BFGS over all unknowns as one vector. Never ends higher than it starts. */
export function quasiNewton(matching: GradientMatching): QuasiNewton {
  const evaluationFor = perStructure(({ unpackTensors }) =>
    compile(
      'gradient matching',
      ({ unknowns, given }: { readonly unknowns: Tensor; readonly given: Tensors<Given> }) =>
        valueAndGrad((own: Tensor) => matching.objective(unpackTensors(own), given), unknowns),
      { constants },
    ),
  );
  return async ({ unknowns: start, given }, plan) => {
    const { maxEvaluations, maxIterations = maxEvaluations, tolerance = 0 } = plan;
    const { packing, run: evaluate } = evaluationFor(start);
    const path: SearchPoint[] = [];
    const onStep = ({ iteration, value }: LbfgsStep) => {
      path.push({ step: iteration, objective: value });
      plan.onStep?.();
      return iteration < maxIterations;
    };
    const result = await minimize(
      async (w) => {
        const { value, gradient } = await evaluate({ unknowns: vectorOf(w), given });
        return { value: value.data[0] as number, gradient: Float64Array.from(gradient.data) };
      },
      Float64Array.from(packing.pack(start).data),
      { maxEvaluations, tolerance, onStep },
    );
    return { unknowns: packing.unpack(vectorOf(result.w)), objective: result.value, path: thinned(path) };
  };
}

const vectorOf = (w: Float64Array): NdArray => ({ shape: [w.length], data: Float32Array.from(w) });
