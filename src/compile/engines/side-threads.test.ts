import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import type { Gate } from './native-gate.ts';
import { sideThreads } from './side-threads.ts';

const program = { bytes: new Uint8Array(1), options: {}, inputs: [], results: [] };

/** Threads that run a script, to which `shared` is known. */
const running =
  (script: string, shared = new Int32Array(new SharedArrayBuffer(4))) =>
  () =>
    new Worker(`const { parentPort, workerData: shared } = require('node:worker_threads'); ${script}`, {
      eval: true,
      workerData: shared,
    });

/** A thread's script that answers so whatever is to be loaded, and counts what is released. */
const answering = (answer: string) => `parentPort.on('message', ({ kind }) => {
  if (kind === 'release') Atomics.add(shared, 0, 1);
  parentPort.postMessage(kind === 'load' ? ${answer} : {});
})`;

async function failure(run: () => Promise<unknown>): Promise<string> {
  return run().then(
    () => expect.fail('nothing was thrown'),
    (error: Error) => error.message,
  );
}

describe('sideThreads', () => {
  it('report that a thread has ended, whenever one does', async () => {
    const threads = sideThreads(2, running("parentPort.on('message', () => process.exit(3))"));
    for (let time = 0; time < 2; time += 1) {
      expect(await failure(() => threads.load(program))).to.match(/^a thread .* ended with code 3/);
    }
  });

  it('begin another thread for one that has ended, and no more', async () => {
    const scripts = [answering('{}'), "parentPort.on('message', () => process.exit(3))", answering('{}')];
    let begun = 0;
    const threads = sideThreads(2, () => running(scripts[begun++] ?? '')());
    expect(await failure(() => threads.load(program))).to.match(/ended with code 3/);
    expect(await threads.load(program)).to.have.length(2);
    expect(begun).to.equal(3);
  });

  it('forget on all threads a graph that one of them does not take', async () => {
    const released = new Int32Array(new SharedArrayBuffer(4));
    const takers = [answering('{}'), answering("{ error: 'no memory' }"), answering('{}')];
    let begun = 0;
    const threads = sideThreads(3, () => running(takers[begun++] ?? '', released)());
    expect(await failure(() => threads.load(program))).to.equal('no memory');
    await failure(() => threads.load(program)); // answered after what came before
    expect(released[0]).to.be.at.least(3);
  });

  it('report what a thread throws while it begins', async () => {
    const threads = sideThreads(1, running("throw new Error('no library')"));
    expect(await failure(() => threads.load(program))).to.equal('no library');
  });

  it('forget the gate of a thread that does not begin', async () => {
    setFlagsFromString('--expose-gc'); // there is no other way but an option of node
    const collect = runInNewContext('gc') as () => void;
    let given: WeakRef<Gate> | undefined;
    const threads = sideThreads(1, (gate) => {
      given = new WeakRef(gate);
      throw new Error('no thread');
    });
    expect(await failure(() => threads.load(program))).to.equal('no thread');
    for (let turn = 0; turn < 3; turn += 1) {
      await new Promise(setImmediate); // a weak reference holds until the turn ends
      collect();
    }
    expect(given).not.to.equal(undefined);
    expect(given?.deref()).to.equal(undefined);
  });

  it('keep those that began where another does not', async () => {
    let begun = 0;
    const threads = sideThreads(2, () => {
      begun += 1;
      if (begun === 2) throw new Error('no thread');
      return running(answering('{}'))();
    });
    expect(await failure(() => threads.load(program))).to.equal('no thread');
    expect(await threads.load(program)).to.have.length(2);
    expect(begun).to.equal(3);
  });

  it('report a graph that the runtime does not take, and take another order', async () => {
    const threads = sideThreads(1);
    for (let time = 0; time < 2; time += 1) {
      expect(await failure(() => threads.load(program))).to.match(/protobuf/i);
    }
  });
});
