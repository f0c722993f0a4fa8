/** All attacks. To add one: its file, its test, and a line here. */

import type { AttackEntry } from '../src/contracts/attack.ts';
import { deepLeakage } from './deep-leakage.ts';
import { ganInversion } from './gan-inversion.ts';
import { inverseNetwork } from './inverse-network.ts';

export const attacks: readonly AttackEntry[] = [ganInversion, deepLeakage, inverseNetwork];
