/** What `cutlayer account` says of users with several records. */

import { type DpSgdRun, groupEpsilon, type UserSampling } from '../accounting/index.ts';
import { shown } from './account-text.ts';

interface UserRequest extends DpSgdRun {
  readonly delta: number;
}

/** What is protected where the unit is a user, and what is not. */
export function userProtection(records: number): string[] {
  return [
    `Protects: whether one user with at most ${records} records was there (adding, removing or blanking them all), against whoever sees every ` +
      'noisy update and the final model, but not who was sampled; each record in a batch with the sampling rate by itself ' +
      '(Poisson), noise multiplier in units of the clipping norm.',
    'Does not protect: a user with more records, what many users have in common, values that are released without noise, or a ' +
      'split run in which only the client part has this noise.',
  ];
}

/** The ε of other ways in which a user's records may get into batches; nothing where the unit is a record. */
export function otherSampling({ recordsPerUser: records = 1, delta, ...run }: UserRequest): string[] {
  if (records === 1) return [];
  const epsilon = (sampling: UserSampling) => shown(groupEpsilon({ run, records, delta, sampling }));
  return [
    `Where records of a user are drawn together in any way: ε ≤ ${epsilon('dependent')}. ` +
      `In shuffled passes, for blanking the records: ε ≤ ${epsilon('passes')}.`,
  ];
}
