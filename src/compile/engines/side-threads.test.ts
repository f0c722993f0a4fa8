import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { sideThreads } from './side-threads.ts';

const program = { bytes: new Uint8Array(1), options: {}, inputs: [], results: [] };
const ending = (script: string) => () => new Worker(script, { eval: true });

async function failure(run: () => Promise<unknown>): Promise<string> {
  return run().then(
    () => expect.fail('nothing was thrown'),
    (error: Error) => error.message,
  );
}

describe('sideThreads', () => {
  it('report that a thread has ended, now and later', async () => {
    const threads = sideThreads(
      2,
      ending("require('node:worker_threads').parentPort.on('message', () => process.exit(3))"),
    );
    for (let time = 0; time < 2; time += 1) {
      expect(await failure(() => threads.load(program))).to.equal('a thread ended with code 3.');
    }
  });

  it('report what a thread throws while it begins', async () => {
    const threads = sideThreads(1, ending("throw new Error('no library')"));
    expect(await failure(() => threads.load(program))).to.equal('no library');
  });

  it('report a graph that the runtime does not take, and take another order', async () => {
    const threads = sideThreads(1);
    for (let time = 0; time < 2; time += 1) {
      expect(await failure(() => threads.load(program))).to.match(/protobuf/i);
    }
  });
});
