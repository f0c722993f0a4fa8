/** The composition root: the one place in src that knows which attacks and defenses there are. */

import { attacks } from '../../attacks/index.ts';
import { defenses } from '../../defenses/index.ts';
import { datasets } from '../data/index.ts';
import type { Catalogues } from '../lab/catalogues.ts';
import { models } from '../models/index.ts';
import { protocols } from '../training/protocol.ts';

/** What an experiment may name. */
export const catalogues: Catalogues = { attacks, defenses, models, datasets };

export const trainers = protocols;
