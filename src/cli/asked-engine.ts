/** The engine that the command line asks for, for commands that compute in this process. */

import type { GlobalOptions } from './global-options.ts';

export async function useAskedEngine({ engine, threads, device }: GlobalOptions): Promise<void> {
  const { useEngine } = await import('../compile/engine.ts'); // loads TensorFlow.js
  await useEngine(engine, { threads, device });
}
