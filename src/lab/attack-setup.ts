/** The attacks of a run, made and checked against what the run will have for them. */

import type { AnyAttack } from '../contracts/attack.ts';
import type { Dataset } from '../contracts/dataset.ts';
import type { RunConfig } from '../contracts/experiment.ts';
import { type Catalogues, named, optionsOf } from './catalogues.ts';
import { clientsPath, dataPaths, partitionPaths, roundsPath, testPaths, trainerPath } from './config/paths.ts';
import type { Checklist, ConfigPath } from './config/problems.ts';
import { requireOffered } from './offered-views.ts';

/** One for each that the configuration names; undefined where it was refused, which is noted. */
export function attacksOf(
  { attacks, trainer }: RunConfig,
  catalogues: Catalogues,
  check: Checklist,
): (AnyAttack | undefined)[] {
  return attacks.map((attack, index) => {
    const entryOf = () => named(catalogues.attacks, attack.name);
    const offer = () => requireOffered(attack.view, trainer.name, entryOf());
    check.attempt(['attacks', index, 'view'], offer, [['attacks', index, 'name'], trainerPath]);
    return check.attempt(['attacks', index], () => entryOf().create(optionsOf(attack), attack.view));
  });
}

interface Material {
  readonly config: RunConfig;
  readonly attacks: readonly (AnyAttack | undefined)[];
  readonly shards: readonly Int32Array[];
  readonly auxiliary: Dataset;
  readonly check: Checklist;
}

/** Attacks ask for what there is; better said before an hour of training than after. */
export function requireMaterial({ attacks, shards, auxiliary, config, check }: Material): void {
  const available = shards[0]?.length ?? 0;
  for (const [index, attack] of attacks.entries()) {
    if (!attack) continue;
    const { victims, auxiliary: own, round } = attack.probe;
    const at = (option: string, related: readonly ConfigPath[], refuse: () => void) =>
      check.attempt(['attacks', index, option], refuse, related);
    const shares = [clientsPath, ...partitionPaths, ...dataPaths];
    at('victims', shares, () => requireAtMost(victims, available, 'client 0 has as many examples'));
    const why = 'the test split leaves as many beside data.test';
    at('auxiliary', testPaths, () => requireAtMost(own, auxiliary.size, why));
    const { rounds } = config.trainer;
    if (round !== 'end') at('round', [roundsPath], () => requireAtMost(round, rounds, 'there are as many rounds'));
  }
}

function requireAtMost(asked: number, most: number, why: string): void {
  if (asked > most) throw new RangeError(`must be at most ${most} (${why}), but is ${asked}.`);
}
