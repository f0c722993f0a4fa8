/** The other side of a run's process: it waits for a request, answers it, and ends. */

import type { EngineName } from '../compile/engine.ts';
import type { Catalogues } from './catalogues.ts';
import { phaseStore } from './phases/store.ts';
import { executeRun } from './run.ts';
import { type RunRequest, stopMessage, type WorkerMessage } from './run-process.ts';

export function serveOneRun(catalogues: Catalogues): void {
  const stop = new AbortController();
  process.on('SIGINT', () => {}); // Ctrl-C reaches every process of the terminal; the parent decides what ends
  process.on('disconnect', () => process.exit(1)); // nobody is left to hear the result
  process.on('message', async (message: RunRequest | typeof stopMessage) => {
    if (message === stopMessage) return stop.abort();
    await say(await answer(message, catalogues, stop.signal));
    process.removeAllListeners('disconnect');
    process.disconnect();
  });
}

async function answer(request: RunRequest, catalogues: Catalogues, stop: AbortSignal): Promise<WorkerMessage> {
  const { config, threads, noise, dataDir, moments, phases: folder } = request;
  const engine = request.engine as EngineName;
  const warn = (message: string) => void say({ kind: 'warning', message });
  const phases = folder === undefined ? undefined : phaseStore({ folder, warn, stop });
  const progress = loggedProgress((phase, share) => void say({ kind: 'progress', phase, share }));
  try {
    const options = { catalogues, engine, threads, noise, dataDir, progress, phases, moments, stop };
    return { kind: 'done', result: await executeRun(config, options) };
  } catch (error) {
    if (stop.aborted) return { kind: 'stopped' };
    const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
    console.error(stack);
    return { kind: 'failed', message, stack };
  }
}

/** The run's log has a line each time that another tenth of a phase is done. */
function loggedProgress(progress: (phase: string, share: number) => void): typeof progress {
  let last = '';
  return (phase, share) => {
    const line = `${phase} ${10 * Math.floor(10 * share)} %`;
    if (line !== last) console.log(`${new Date().toISOString()} ${line}`);
    last = line;
    progress(phase, share);
  };
}

function say(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}
