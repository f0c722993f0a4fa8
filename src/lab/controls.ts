/** The positive control of an attack: the run of the same configuration and seed without defenses. */

import { counted } from '../arrays/counted.ts';
import type { RunConfig } from '../contracts/experiment.ts';
import { runIdOf, undefendedIdOf } from './results/run-id.ts';

/** What a person should know before a sweep whose attacks will have no control; nothing where all have one. */
export function missingControls(runs: readonly RunConfig[]): string[] {
  const ids = new Set(runs.map(runIdOf));
  const alone = runs.filter((run) => run.attacks.length > 0 && !ids.has(undefendedIdOf(run)));
  if (alone.length === 0) return [];
  return [
    `control_ok stays empty for ${alone.length} of ${counted(runs.length, 'run')}: without a run of the same configuration and seed with defenses: [], nothing shows whether the attack works there at all. Add [] to grid.defenses.`,
  ];
}
