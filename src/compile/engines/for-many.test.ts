import { expect } from 'chai';
import { scalar } from '../../arrays/ndarray.ts';
import { forMany } from './for-many.ts';
import type { RunOnThread } from './side-threads.ts';

const outputs = [{ result: 'y', start: 0, shape: [] }];
const model = {
  name: 'f',
  bytes: new Uint8Array(),
  inputNames: ['x'],
  needed: [true],
  outputs,
  nodeCount: 1,
  numbers: 1,
};
const own = async () => [scalar(0)];

/** `run` on so many threads beside the main one. */
const onThreads = (count: number, run: RunOnThread) =>
  forMany({ model, inputShapes: [[]], options: {}, own }, { load: async () => Array(count).fill(run) });

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('forMany', () => {
  it('throws what the first call in their order throws, once all have ended', async () => {
    const ended: number[] = [];
    const compute = await onThreads(2, async ([x = new Float32Array()]) => {
      const [call = 0] = x;
      await later(40 - 10 * call); // the last one first
      ended.push(call);
      if (call === 1 || call === 3) throw new Error(`call ${call}`);
      return [x];
    });
    const failed = compute([0, 1, 2, 3].map((call) => [scalar(call)])); // of which the main thread takes the first
    expect(await failed.catch((error: Error) => error.message)).to.equal('compiled function "f": call 1');
    expect(ended.sort()).to.deep.equal([1, 2, 3]);
  });
});
