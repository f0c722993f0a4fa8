/** Stopped by the user (Ctrl-C). What was finished is kept; the command exits with 130. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
