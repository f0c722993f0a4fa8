/** What an answer of an accountant says in words. */

import type { AccountingOptions, Compared } from '../accounting/index.ts';
import type { Adjacency, EpsilonBounds } from '../contracts/event.ts';
import { table } from './table.ts';

const CHANGE: Readonly<Record<Adjacency, string>> = {
  'add-or-remove': 'whether one record was there (adding or removing it: add-or-remove adjacency)',
  'replace-one': 'which one record was there (replacing it by another: replace-one adjacency)',
  'zero-out': 'what one record contributed (blanking it: zero-out adjacency)',
};

/** What is protected, against whom, and what is not. */
export function protection(adjacency: Adjacency = 'add-or-remove'): string[] {
  return [
    `Protects: ${CHANGE[adjacency]}, against whoever sees every noisy update and the final model, but not who was ` +
      'sampled; batches drawn by Poisson sampling, noise multiplier in units of the clipping norm.',
    'Does not protect: k records of one person (k times the ε, and more δ), what many records have in common, values ' +
      'that are released without noise, or a split run in which only the client part has this noise.',
  ];
}

/** Whether ε is finite, by a bound or by an estimate. */
export function isBounded({ estimate, upper }: EpsilonBounds): boolean {
  return Number.isFinite(upper ?? estimate ?? Number.POSITIVE_INFINITY);
}

/** In place of `protection` where there is no finite ε. */
export function noProtection(): string[] {
  return ['Protects nothing: without a finite ε nothing is claimed. More noise, or a δ above 0, may give one.'];
}

/** Six digits, ∞ as a sign. */
export function shown(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(digits))) : '∞';
}

const digits = 6;

/** The same, of what must not come out smaller: upper bounds, and noise that a bound asks for. */
export function shownUp(value: number): string {
  return shown(Number(shown(value)) < value ? Number(shown(value)) + unitOf(value) : value);
}

/** The same, of what must not come out larger: lower bounds, and rates that a bound allows. */
export function shownDown(value: number): string {
  return shown(Number(shown(value)) > value ? Number(shown(value)) - unitOf(value) : value);
}

/** One in the last digit that is shown. */
function unitOf(value: number): number {
  return 10 ** (Math.floor(Math.log10(Math.abs(value))) + 1 - digits);
}

/** One sentence on ε: the bound, the estimate beside it, or the warning that there is only an estimate. */
export function epsilonSentence(
  { lower, estimate, upper }: EpsilonBounds,
  { delta, accountant }: { readonly delta: number; readonly accountant: string },
): string {
  const at = `at δ = ${Number(delta.toPrecision(12))} (accountant ${accountant})`;
  if (upper === null) return `ε ≈ ${shown(estimate ?? Number.NaN)} ${at}: an estimate, not a bound.`;
  if (upper === Number.POSITIVE_INFINITY) return `ε = ∞ ${at}: there is no bound.`;
  const below = lower === null ? '' : `, and no less than ${shownDown(lower)}`;
  return `ε ≤ ${shownUp(upper)} ${at}${below}${estimate === null ? '' : `; estimate ${shown(estimate)}`}.`;
}

/** Of Rényi DP, which orders were searched, since other libraries' figures depend on that; of others, nothing. */
export function ordersSentence({ accountant, orders }: AccountingOptions): string[] {
  if (accountant !== 'rdp') return [];
  return orders === undefined
    ? [
        'Searched over all real Rényi orders, which is tighter than the grids of dp_accounting and Opacus; --orders gives their figures.',
      ]
    : [`Rényi orders: the grid of ${orders}; without --orders all real ones are searched, which is tighter.`];
}

/** A table of all accountants; what is only an estimate says so. */
export function comparison(all: readonly Compared[]): string[] {
  const cell = (value: number | null, write = shown) => (value === null ? '' : write(value));
  const rows = all.map(({ accountant, epsilon: { lower, estimate, upper }, reason }) => {
    const remark = reason ?? (upper === null ? 'an estimate, not a bound' : '');
    return [accountant, cell(lower, shownDown), cell(estimate), cell(upper, shownUp), remark];
  });
  return table([['accountant', 'lower', 'estimate', 'upper', ''], ...rows], [1, 2, 3]);
}
