/** The other side of the pool: one run in a process of its own. */

import type { EngineName } from '../compile/engine.ts';
import type { Catalogues } from './catalogues.ts';
import type { RunRequest, WorkerMessage } from './pool.ts';
import { executeRun } from './run.ts';

/** Waits for a request, answers it, and ends. */
export function serveOneRun(catalogues: Catalogues): void {
  process.on('SIGINT', () => {}); // Ctrl-C reaches every process of the terminal; the parent decides what ends
  process.on('disconnect', () => process.exit(1)); // nobody is left to hear the result
  process.once('message', async (request: RunRequest) => {
    await say(await answer(request, catalogues));
    process.removeAllListeners('disconnect');
    process.disconnect();
  });
}

async function answer(request: RunRequest, catalogues: Catalogues): Promise<WorkerMessage> {
  const { config, threads, noise, dataDir } = request;
  const engine = request.engine as EngineName;
  const progress = (phase: string, share: number) => void say({ kind: 'progress', phase, share });
  try {
    return {
      kind: 'done',
      result: await executeRun(config, { catalogues, engine, threads, noise, dataDir, progress }),
    };
  } catch (error) {
    const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
    return { kind: 'failed', message, stack };
  }
}

function say(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}
