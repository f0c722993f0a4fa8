/** The family of sampled Gaussians, as audit commands ask for it. */

import type { Argv } from 'yargs';
import type { SampledGaussian } from '../accounting/index.ts';
import { wholeNumber } from './global-options.ts';
import { oneOf } from './one-of.ts';
import { UsageError } from './usage-error.ts';

export interface FamilyArguments {
  readonly samplingRate?: number | undefined;
  readonly steps?: number | undefined;
  readonly observed: string;
}

export function withFamilyOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('sampling-rate', {
      type: 'number',
      describe: 'adds the bound for Gaussian noise on a Poisson sample of this rate',
    })
    .option('steps', {
      type: 'number',
      describe: 'with --sampling-rate: steps that ε is stated for (1 where left out)',
    })
    .option('observed', {
      type: 'string',
      default: 'training',
      describe: 'with --sampling-rate: what one trial saw, training (all steps) or step (one of them)',
    });
}

/** The family asked for; `undefined` where none was. Throws a UsageError for steps without a rate. */
export function familyOf({ samplingRate, steps, observed }: FamilyArguments): SampledGaussian | undefined {
  const seen = oneOf('--observed', observed, ['step', 'training']);
  if (samplingRate !== undefined) return { samplingRate, steps: wholeNumber('--steps', steps ?? 1), observed: seen };
  if (steps === undefined) return undefined;
  throw new UsageError('--steps needs --sampling-rate: together they name the family of sampled Gaussians.');
}
