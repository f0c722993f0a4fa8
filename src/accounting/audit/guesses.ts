/** The guesses of a one-run audit: many canaries in one training, each in or out by its own fair coin. */

import { requireCount } from '../require.ts';

export interface Guesses {
  /** Canaries in all, each included with probability ½ independently. */
  readonly canaries: number;
  /** Of how many the attacker said something. */
  readonly guesses: number;
  readonly correct: number;
}

/** Throws a RangeError for counts that do not fit each other. */
export function checkGuesses({ canaries, guesses, correct }: Guesses): void {
  requireCount('canaries', canaries, 'It is the number of canaries, in or out.');
  requireCount('guesses', guesses, 'It is of how many canaries the attacker said something.');
  requireCount('correct', correct, 'It is how many guesses were right.');
  if (guesses > canaries)
    throw new RangeError(`guesses must be at most the number of canaries (${canaries}), but are ${guesses}.`);
  if (correct > guesses)
    throw new RangeError(`correct must be at most the number of guesses (${guesses}), but is ${correct}.`);
}

export interface GuessPlan {
  /** How many of the highest scores are guessed «in». Fixed before the scores are seen. */
  readonly positives: number;
  /** How many of the lowest are guessed «out». */
  readonly negatives: number;
}

/**
 * Guesses the highest scores «in», the lowest «out», and counts. Ties go by position, which must not tell who was in.
 * Throws a RangeError where there are fewer canaries than guesses, or as many inclusions as scores.
 */
export function guessByRank(
  scores: ArrayLike<number>,
  included: ArrayLike<boolean>,
  { positives, negatives }: GuessPlan,
): Guesses {
  const canaries = scores.length;
  if (included.length !== canaries) {
    throw new RangeError(`there must be one inclusion a score, but there are ${included.length} for ${canaries}.`);
  }
  const guesses = positives + negatives;
  checkGuesses({ canaries, guesses, correct: 0 });
  const order = Array.from(scores, (_, i) => i).sort((i, j) => (scores[j] as number) - (scores[i] as number));
  const right = (ranked: readonly number[], isIn: boolean) => ranked.filter((i) => included[i] === isIn).length;
  const correct = right(order.slice(0, positives), true) + right(order.slice(canaries - negatives), false);
  return { canaries, guesses, correct };
}
