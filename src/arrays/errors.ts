/** The kinds of errors that a caller may want to tell apart. RangeError is JavaScript's own. */

/** Arrays or layers whose shapes do not fit each other. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}
