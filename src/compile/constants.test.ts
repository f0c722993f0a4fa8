import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { full, scalar } from '../arrays/ndarray.ts';
import type { NdArray } from '../contracts/array.ts';
import { compile } from './compile.ts';
import { useEngine } from './engine.ts';
import { buildStats } from './stats.ts';
import { type Tensor, tf } from './tf.ts';

describe('constants of a compiled function, where they change', () => {
  before(() => useEngine('onnx'));

  /** fixed · x, how often it was built, and whether every result was right. */
  function product() {
    const before = buildStats().length;
    const run = compile('product', ({ fixed, x }: { fixed: Tensor; x: Tensor }) => tf.mul(tf.abs(fixed), x), {
      constants: ['fixed'],
    });
    const checked = async (fixed: NdArray, x: number) =>
      expect((await run({ fixed, x: scalar(x) })).data[0]).to.equal(Math.abs(fixed.data[0] as number) * x);
    return { run: checked, builds: () => buildStats().length - before };
  }

  const sets = (count: number) => Array.from({ length: count }, (_, i) => scalar(-i));

  it('are built in no more once 16 sets in a row were each called less than 16 times', async () => {
    const { run, builds } = product();
    const all = sets(20);
    for (let round = 1; round <= 10; round += 1) for (const fixed of all) await run(fixed, round);
    expect(builds()).to.equal(33); // 32 until the first 16 of them are forgotten, and that with an input
  });

  it('are built in as long as each is called 16 times', async () => {
    const { run, builds } = product();
    for (const fixed of sets(40)) for (let call = 1; call <= 16; call += 1) await run(fixed, call);
    expect(builds()).to.equal(40);
  });

  it('are built in where some are called often', async () => {
    const { run, builds } = product();
    for (const [index, fixed] of sets(60).entries()) {
      for (let call = 1; call <= (index % 16 === 0 ? 16 : 1); call += 1) await run(fixed, call);
    }
    expect(builds()).to.equal(60);
  });

  it('are built in for as many shapes as the other inputs have', async () => {
    const before = buildStats().length;
    const run = compile('shapes', ({ fixed, x }: { fixed: Tensor; x: Tensor }) => tf.mul(tf.sum(fixed), x), {
      constants: ['fixed'],
    });
    const fixed = full([1000], 2);
    for (let round = 1; round <= 3; round += 1) {
      for (let length = 1; length <= 40; length += 1) {
        const { data } = await run({ fixed, x: full([length], round) });
        expect([...data]).to.deep.equal(Array(length).fill(2000 * round));
      }
    }
    const builds = buildStats().slice(before);
    expect(builds).to.have.length(40);
    for (const { nodes } of builds) expect(nodes).to.equal(1); // the sum is made while building
  });

  it('count as often on several engines as on one', async () => {
    const { run, builds } = product();
    const all = sets(40);
    for (const [call, fixed] of all.entries()) {
      await useEngine('onnx', { threads: 1 + (call % 2) });
      await run(fixed, 1);
    }
    await useEngine('onnx');
    expect(builds()).to.equal(34); // 32 until the first 16 of them are forgotten, then one with an input on each engine
  });

  it('are no longer kept when others came', async () => {
    setFlagsFromString('--expose-gc'); // there is no other way but an option of node
    const collect = runInNewContext('gc') as () => void;
    const { run } = product();
    const called = async (value: number) => {
      const fixed = full([1000], value);
      await run(fixed, 2);
      return new WeakRef(fixed.data);
    };
    const first = await called(1);
    await called(2);
    for (let turn = 0; turn < 3; turn += 1) {
      await new Promise(setImmediate); // a weak reference holds until the turn ends
      collect();
    }
    expect(first.deref()).to.equal(undefined);
  });
});
