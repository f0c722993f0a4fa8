/** Numbers in the mathematics of LaTeX, without the dollar signs. */

import type { Estimate } from '../estimate.ts';

export interface NumberStyle {
  readonly digits: number;
  /** What the figure is multiplied with: 100 for percent. */
  readonly scale?: number;
  readonly isBold?: boolean;
}

/** `$\mathbf{23.40}_{\pm 0.51}$`: narrower than on one line. Without ± where there is no interval. */
export function estimateCell({ mean, half }: Estimate, { digits, scale = 1, isBold = false }: NumberStyle): string {
  const spread = half === undefined ? '' : `_{\\pm ${(scale * half).toFixed(digits)}}`;
  const text = fixed(scale * mean, digits);
  return isBold ? `$\\mathbf{${text}}${spread}$` : `$${text}${spread}$`;
}

/** Never −0.00. */
export function fixed(value: number, digits: number): string {
  if (Number.isNaN(value)) return 'mathrm{NaN}';
  if (!Number.isFinite(value)) return value > 0 ? '\\infty' : '-\\infty';
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** ε to three digits. */
export function epsilonText(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : '\\infty';
}
