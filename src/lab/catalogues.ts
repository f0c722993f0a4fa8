/** The lists of what an experiment may name. The lab knows none of it; the command line hands it in. */

import type { AttackEntry } from '../contracts/attack.ts';
import type { DatasetEntry } from '../contracts/dataset.ts';
import type { DefenseEntry } from '../contracts/defense.ts';
import type { ModelEntry } from '../contracts/model.ts';

export interface Catalogues {
  readonly datasets: readonly DatasetEntry[];
  readonly models: readonly ModelEntry[];
  readonly attacks: readonly AttackEntry[];
  readonly defenses: readonly DefenseEntry[];
}
