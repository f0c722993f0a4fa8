/**
 * A worker that does as the name of the configuration or of the experiment file says, and answers with its process's id instead of a
 * result or the experiment's name.
 */

import type { RunResult } from '../../contracts/experiment.ts';
import type { Experiment } from '../config/experiment.ts';
import { type CheckRequest, type RunRequest, stopMessage, type WorkerMessage } from '../worker-messages.ts';

const say = (message: WorkerMessage) => process.send?.(message);
let runs = 0;

process.on('disconnect', () => process.exit(1));
process.on('message', (message: RunRequest | CheckRequest | typeof stopMessage) => {
  if (message === stopMessage) return say({ kind: 'stopped' });
  if (message.kind === 'check') return check(message);
  runs += 1;
  const { name } = message.config;
  console.log(`${name} is run ${runs}`);
  if (name === 'die') process.exit(3);
  if (name === 'die unless first' && runs > 1) process.kill(process.pid, 'SIGKILL');
  if (name === 'throw') return say({ kind: 'failed', why: 'threw', message: 'thrown', stack: 'thrown\n  at it' });
  if (message.kind === 'help') return say({ kind: 'helped' });
  if (name !== 'hang') say({ kind: 'done', result: { pid: process.pid } as unknown as RunResult });
});

function check({ file, text }: CheckRequest) {
  console.error(`checks ${file}`);
  if (file === 'die') process.exit(3);
  if (file === 'throw') return say({ kind: 'failed', why: 'threw', message: 'thrown', stack: 'thrown\n  at it' });
  if (file !== 'refuse')
    return say({ kind: 'checked', experiment: { name: String(process.pid) } as unknown as Experiment });
  say({ kind: 'refused', problems: [{ path: ['model', 'cut'], message: text }], stack: 'refused\n  at it' });
}
