/** All work that is timed beside a peer's, with what is aimed at. */

import { type Benchmark, oneNamed } from './bench.ts';
import { convolutions } from './convolution.ts';
import { deepLeakage, victims64 } from './deep-leakage.ts';
import { dpSgdStep } from './dp-sgd-step.ts';
import { ganInversion } from './gan-inversion.ts';
import { invertingGradients } from './inverting-gradients.ts';
import { lenet5Step } from './lenet5-step.ts';
import { resnet18Step } from './resnet18-step.ts';
import { splitfed, splitfed100Clients } from './splitfed.ts';

export const benchmarks: readonly Benchmark[] = [
  lenet5Step(64, { threads: 1, targets: { pytorch: 0.8, jax: 0.6 } }),
  lenet5Step(256, { threads: 1, targets: { pytorch: 0.9, jax: 0.5 } }),
  lenet5Step(64, { threads: 2, targets: { pytorch: 1, jax: 1 } }),
  lenet5Step(256, { threads: 2, targets: { pytorch: 1, jax: 1 } }),
  ...convolutions,
  resnet18Step,
  dpSgdStep(64),
  dpSgdStep(256),
  deepLeakage(1, { pytorch: 0.15, jax: 0.8 }),
  deepLeakage(8, { pytorch: 0.35, jax: 0.8 }),
  ganInversion,
  invertingGradients,
  victims64,
  splitfed,
  splitfed100Clients,
];

/** @throws RangeError for a name that does not exist. */
export function benchmarkNamed(name: string): Benchmark {
  return oneNamed('benchmark', benchmarks, name);
}
