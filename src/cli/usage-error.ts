/** A request that is wrong before anything ran: usage, configuration, a missing file. The command exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
