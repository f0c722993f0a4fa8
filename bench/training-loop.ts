/** Trainings as the trainers take their steps, on one batch over and over. */

import { full } from '../src/arrays/ndarray.ts';
import { seededRng } from '../src/arrays/rng.ts';
import type { Model, Params } from '../src/contracts/model.ts';
import { initWeights } from '../src/models/network.ts';
import { sgd } from '../src/models/optimizers.ts';
import { type Parties, type Step, type StepDesign, trainingStep } from '../src/training/step.ts';
import { partsOf } from '../src/training/task.ts';
import { batchOf, filled } from './values.ts';

/** SGD on a model that is all the client's. */
export function centralStep(model: Model, rest: Pick<StepDesign, 'learningRate' | 'privacy'>): Step {
  return trainingStep({ ...partsOf(model, model.layers.length), optimizer: sgd(), mode: 'fused', ...rest });
}

/** One training that goes on from call to call; each gives the loss before its step. */
export function centralTraining(step: Step, model: Model, examples: number): (noise?: Params) => Promise<number> {
  const { params, state } = initWeights(model, seededRng(1));
  const clientNoise = model.layers.map(() => undefined);
  const share = full([examples], 1 / examples);
  const microbatches = [{ examples, ...batchOf(examples, model.inputShape), share, clientNoise, serverNoise: [] }];
  const optimizer = { moments: [], counts: [] };
  let parties: Parties = {
    client: { weights: { params: filled(params), state }, optimizer },
    server: { weights: { params: [], state: [] }, optimizer },
  };
  return async (gradientNoise) => {
    const result = await step(parties, { microbatches, gradientNoise }, silent);
    parties = result.parties;
    return result.loss;
  };
}

const silent = () => ({ smashedData: <T>(sent: T) => sent, cutGradient: <T>(sent: T) => sent });

/** The losses of the first three steps: the second and third show whether the updates agree. */
export async function lossesOf(step: () => Promise<number>): Promise<number[]> {
  return [await step(), await step(), await step()];
}
