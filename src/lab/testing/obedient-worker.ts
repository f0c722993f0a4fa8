/** A worker that does as the name of the configuration says, and answers with its process's id instead of a result. */

import type { RunResult } from '../../contracts/experiment.ts';
import { type RunRequest, stopMessage, type WorkerMessage } from '../worker-messages.ts';

const say = (message: WorkerMessage) => process.send?.(message);
let runs = 0;

process.on('disconnect', () => process.exit(1));
process.on('message', (message: RunRequest | typeof stopMessage) => {
  if (message === stopMessage) return say({ kind: 'stopped' });
  runs += 1;
  const { name } = message.config;
  console.log(`${name} is run ${runs}`);
  if (name === 'die') process.exit(3);
  if (name === 'die unless first' && runs > 1) process.kill(process.pid, 'SIGKILL');
  if (name === 'throw') return say({ kind: 'failed', why: 'threw', message: 'thrown', stack: 'thrown\n  at it' });
  if (name !== 'hang') say({ kind: 'done', result: { pid: process.pid } as unknown as RunResult });
});
