/** What is said where the loss stops being finite: what to change, noise first where there is some. */

import type { TrainingTask } from './task.ts';

type Diverged = Pick<TrainingTask, 'trainer' | 'model' | 'gradientRule' | 'updateRule'>;

export function divergence(loss: number, round: number, task: Diverged): Error {
  const { name, learningRate } = task.trainer.optimizer;
  const rate = `Lower trainer.optimizer.learningRate (${learningRate} with ${name}), or take optimizer adam.`;
  const noise = noiseOf(task);
  const advice = noise.length > 0 ? `Its noise may be too strong (${noise.join('; ')}): take less. Or: ${rate}` : rate;
  return new Error(`training diverged: the loss is ${loss} in round ${round}. ${advice}`);
}

/** How strong the noise of each defense is, as its options name it. */
function noiseOf({ model, gradientRule, updateRule }: Diverged): string[] {
  const ofRule = (what: string, rule: Diverged['gradientRule'] | Diverged['updateRule']) =>
    rule && rule.noiseMultiplier > 0
      ? [`on ${what}, noiseMultiplier ${rule.noiseMultiplier} · clipNorm ${rule.clipNorm}`]
      : [];
  const layers = model.layers.filter(({ noiseAt }) => noiseAt === 'always').map(({ label }) => `in the layer ${label}`);
  return [...layers, ...ofRule('gradients', gradientRule), ...ofRule('client updates', updateRule)];
}
