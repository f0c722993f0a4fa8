/** Errors of the machine and not of the run: the same run may go well once there is space, memory or the right to write. */

const memory = /bad_alloc|allocation failed|failed to allocate/i;

/** Whether the error, or what caused it, came from the operating system. */
export function isEnvironmentError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, syscall, cause, message } = error as NodeJS.ErrnoException & { readonly cause?: unknown };
  const isOfSystem = code === 'ERR_DLOPEN_FAILED' || (syscall !== undefined && /^E[A-Z\d]+$/.test(code ?? ''));
  return isOfSystem || memory.test(message) || isEnvironmentError(cause);
}
