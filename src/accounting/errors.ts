/** What an accountant throws when it meets an event that it cannot account for. */

/** An event (or part of one) that the accountant has no proof for. Names the part, so that nobody guesses. */
export class UnsupportedEventError extends Error {
  override readonly name = 'UnsupportedEventError';
}
