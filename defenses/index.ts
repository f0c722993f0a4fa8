/** All defenses. To add one: its file, its test, and a line here. */

import type { DefenseEntry } from '../src/contracts/defense.ts';
import { dpFedAvg } from './dp-fedavg.ts';
import { dpSgd } from './dp-sgd.ts';
import { jointDp } from './joint-dp.ts';
import { pixeldp } from './pixeldp.ts';

export const defenses: readonly DefenseEntry[] = [pixeldp, dpSgd, dpFedAvg, jointDp];
