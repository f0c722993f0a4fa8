/** Reference rows of other accountants, held beside this file. */

import { readFileSync } from 'node:fs';
import { dpSgdEvent } from '../events.ts';

export interface ReferenceRow {
  readonly id: string;
  readonly mechanism: string;
  readonly q: number;
  /** The noise multiplier; of calibrations, the target ε. */
  readonly sigma: number;
  readonly steps: number;
  readonly delta: number;
  readonly accountant: string;
  readonly value: number;
  readonly tool: string;
  readonly note: string;
}

function lines(file: string): string[][] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  const rows = text.trim().split('\n').slice(1);
  return rows.map((line) => line.split(','));
}

/** The rows that have a value. */
export function referenceRows(): ReferenceRow[] {
  return lines('accounting.csv')
    .filter((cells) => cells[7] !== '')
    .map(([id = '', mechanism = '', q, sigma, steps, delta, accountant = '', value, , tool = '', note = '']) => ({
      ...{ id, mechanism, accountant, tool, note },
      ...{ q: Number(q), sigma: Number(sigma), steps: Number(steps), delta: Number(delta), value: Number(value) },
    }));
}

/** Rows of DP-SGD or the plain Gaussian by one accountant. */
export function gaussianRows(accountant: string): ReferenceRow[] {
  const kinds = ['gaussian', 'poisson-gaussian'];
  return referenceRows().filter((row) => row.accountant === accountant && kinds.includes(row.mechanism));
}

/** The true ε of each configuration for which it is known to more than six digits. */
export function exactRows(): ReferenceRow[] {
  const analytic = gaussianRows('analytic-BalleWang');
  return [...gaussianRows('exact'), ...analytic].filter((row) => !row.note.includes('significant digits only'));
}

export function eventOf({ q, sigma, steps }: ReferenceRow) {
  return dpSgdEvent({ samplingRate: q, noiseMultiplier: sigma, steps });
}

export interface OrderRow {
  readonly q: number;
  readonly sigma: number;
  readonly order: number;
  /** By mpmath where it was computed, else by quadrature; 13 digits. */
  readonly rdp: number;
}

/** RDP of one step at single orders. */
export function orderRows(): OrderRow[] {
  return lines('rdp-orders.csv').map(([q, sigma, order, quadrature, mpmath]) => ({
    ...{ q: Number(q), sigma: Number(sigma), order: Number(order) },
    rdp: Number(mpmath === '' ? quadrature : mpmath),
  }));
}
