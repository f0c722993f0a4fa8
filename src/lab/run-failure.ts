/** Why there is no result of a run. */

export type FailureKind =
  /** The run itself threw: the same run would fail again. */
  | 'threw'
  /** The machine had no space, no memory or no rights. */
  | 'environment'
  /** Its process ended before it had a result. */
  | 'died'
  | 'too-slow';

export class RunFailure extends Error {
  override readonly name = 'RunFailure';
  readonly kind: FailureKind;
  /** The last that its process wrote. */
  readonly lastLines: readonly string[];

  constructor(
    message: string,
    { kind, lastLines }: { readonly kind: FailureKind; readonly lastLines: readonly string[] },
  ) {
    super(message);
    this.kind = kind;
    this.lastLines = lastLines;
  }
}
