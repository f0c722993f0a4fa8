/** Bounds of mean softmax scores, each in [0, 1], from draws of a noisy classifier. */

import { requireCount } from '../require.ts';
import { type ClassBounds, indexOfLargest, requireEta } from './class-bounds.ts';

/** √(ln(1/s)/(2n)): the mean of n values in [0, 1] lies further on one side with probability at most s (Hoeffding 1963). */
export function hoeffdingHalfWidth(draws: number, significance: number): number {
  return Math.sqrt(-Math.log(significance) / (2 * draws));
}

/** √(2V ln(2/s)/n) + 7 ln(2/s)/(3(n − 1)), V the unbiased sample variance (Maurer, Pontil 2009, Theorem 4). */
export function bernsteinHalfWidth(draws: number, variance: number, significance: number): number {
  if (draws < 2) return Number.POSITIVE_INFINITY;
  const log = Math.log(2 / significance);
  return Math.sqrt((2 * variance * log) / draws) + (7 * log) / (3 * (draws - 1));
}

export interface ScoreDraws {
  readonly draws: number;
  /** Of each class: the sum of its scores over the draws, */
  readonly sums: readonly number[];
  /** and the sum of their squares. */
  readonly squares: readonly number[];
  readonly eta: number;
}

/**
 * Bounds of the mean scores: of each class and direction the tighter of Hoeffding's and Bernstein's, at η ÷ 4K each.
 * Throws a RangeError where sums and squares do not come from scores in [0, 1].
 */
export function scoreBounds({ draws, sums, squares, eta }: ScoreDraws): ClassBounds {
  checkScoreDraws({ draws, sums, squares, eta });
  const each = eta / (4 * sums.length);
  const predicted = indexOfLargest(sums);
  const bounds = sums.map((sum, index) => {
    const mean = sum / draws;
    const variance = Math.max(0, ((squares[index] ?? 0) - draws * mean * mean) / Math.max(1, draws - 1));
    const half = Math.min(hoeffdingHalfWidth(draws, each), bernsteinHalfWidth(draws, variance, each));
    return { low: Math.max(0, mean - half), high: Math.min(1, mean + half) };
  });
  const others = bounds.filter((_, index) => index !== predicted);
  return {
    predicted,
    topAtLeast: bounds[predicted]?.low ?? 0,
    othersAtMost: Math.max(...others.map(({ high }) => high)),
  };
}

function checkScoreDraws({ draws, sums, squares, eta }: ScoreDraws): void {
  requireEta(eta);
  requireCount('draws', draws, 'It is how often the noise was drawn.');
  if (draws === 0) throw new RangeError('draws must be at least 1, but are 0.');
  if (sums.length < 2 || sums.length !== squares.length) {
    throw new RangeError(
      `sums and squares must be of the same classes, at least 2, but are of ${sums.length} and ${squares.length}.`,
    );
  }
  const rounding = 1 + 1e-6;
  sums.forEach((sum, index) => {
    const square = squares[index] ?? 0;
    const fits =
      sum >= 0 && sum <= draws * rounding && square <= sum * rounding && sum * sum <= draws * square * rounding;
    if (fits) return;
    throw new RangeError(
      `sums and squares must come from ${draws} scores in [0, 1], but class ${index} has ${sum} and ${square}.`,
    );
  });
}
