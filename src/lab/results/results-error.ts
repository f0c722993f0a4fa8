/** A folder of results that is missing, is none, or is damaged. The command exits with 2. */
export class ResultsError extends Error {
  override readonly name = 'ResultsError';
}
