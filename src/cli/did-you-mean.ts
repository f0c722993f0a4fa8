/** Naming what was probably meant. */

import { UsageError } from './usage-error.ts';

/** The candidate nearest to the word, where one is near enough to have been meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 2.5));
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distanceOf(word, candidate) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate ?? candidates.find((candidate) => word.length > 2 && candidate.startsWith(word));
}

/** ` Did you mean "x"?`, or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? '' : ` Did you mean "${meant}"?`;
}

/** The value where it is one of the choices. Throws a UsageError that lists them otherwise. */
export function oneOf<Choice extends string>(what: string, value: unknown, choices: readonly Choice[]): Choice {
  const known = choices.find((choice) => choice === value);
  if (known !== undefined) return known;
  const given = String(value);
  throw new UsageError(`${what} must be one of ${choices.join(', ')}, but is "${given}".${didYouMean(given, choices)}`);
}

/** Edits from one word to the other: letters put in, left out, replaced, or swapped with their neighbour. */
function distanceOf(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) row.push(cheapest(rows, row, { from, to, i, j }));
    rows.push(row);
  }
  return rows[from.length]?.[to.length] ?? 0;
}

interface Cell {
  readonly from: string;
  readonly to: string;
  readonly i: number;
  readonly j: number;
}

function cheapest(rows: readonly number[][], row: readonly number[], { from, to, i, j }: Cell): number {
  const cost = (r: readonly number[] | undefined, column: number) => r?.[column] ?? Number.POSITIVE_INFINITY;
  const replaced = cost(rows[i - 1], j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1);
  const swapped =
    from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1] ? cost(rows[i - 2], j - 2) + 1 : Number.POSITIVE_INFINITY;
  return Math.min(cost(rows[i - 1], j) + 1, cost(row, j - 1) + 1, replaced, swapped);
}
