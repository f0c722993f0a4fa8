/** Errors from inside a compiled function, with its name. */

import { ShapeError } from '../arrays/errors.ts';

const aboutShapes = /shape|broadcast|dimension|rank/i;
const unknownKernel = /^Kernel '(\w+)' not registered for backend '(.+)'/;

/** The same kind of error (or a ShapeError where shapes do not fit), which says in which function, with the error as its cause. */
export function explained(functionName: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && message.startsWith('compiled function "')) return error;
  const [, kernel] = unknownKernel.exec(message) ?? [];
  if (kernel) return new Error(`compiled function "${functionName}": ${withoutKernel(kernel)}`, { cause: error });
  return sameKind(error, `compiled function "${functionName}": ${message}`);
}

/** The error of one kernel's lowering. */
export function explainedKernel(functionName: string, kernel: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  return sameKind(error, `compiled function "${functionName}", kernel ${kernel}: ${message}`);
}

function withoutKernel(kernel: string): string {
  return (
    `the kernel ${kernel} is not there on this engine. ` +
    'Write it with other operations, or use another engine (engine "cpu" has all of TensorFlow.js\'s kernels).'
  );
}

function sameKind(error: unknown, message: string): Error {
  if (error instanceof RangeError) return new RangeError(message, { cause: error });
  const misfit = error instanceof ShapeError || (error instanceof Error && aboutShapes.test(error.message));
  return misfit ? new ShapeError(message, { cause: error }) : new Error(message, { cause: error });
}
