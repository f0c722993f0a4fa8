import { createRequire } from 'node:module';
import { expect } from 'chai';
import { ndarray, scalar } from '../arrays/ndarray.ts';
import type { NdArray } from '../contracts/array.ts';
import { compile } from './compile.ts';
import { useEngine } from './engine.ts';
import { inLockstep } from './lockstep.ts';
import { buildStats } from './stats.ts';
import { expectAlike, numbers } from './testing/parity.ts';
import { type Tensor, type Tensor2D, tf } from './tf.ts';

interface Inputs {
  readonly x: Tensor;
  readonly weight: Tensor;
}

/** x · weight, and how often it was built. */
function scaling() {
  const before = buildStats().length;
  const run = compile('scaled', ({ x, weight }: Inputs) => tf.mul(x, weight));
  return { run, builds: () => buildStats().length - before };
}

const numbersOf = ({ data }: NdArray) => [...data];

describe('inLockstep', () => {
  const weight = ndarray([2], [10, 100]);
  const xs = (count: number) => Array.from({ length: count }, (_, i) => ndarray([2], [i, -i]));

  before(() => useEngine('onnx'));

  it('gives every task its own results, in the order of the tasks, from one graph', async () => {
    const { run, builds } = scaling();
    const results = await inLockstep(xs(5).map((x) => async () => numbersOf(await run({ x, weight }))));
    expect(results).to.deep.equal([0, 1, 2, 3, 4].map((i) => [10 * i, -100 * i]));
    expect(builds()).to.equal(1);
  });

  it('lets tasks make as many steps as they need, with few graphs for all numbers of tasks left', async () => {
    const { run, builds } = scaling();
    const double = scalar(2);
    const steps = (count: number) => async () => {
      let x = scalar(1);
      for (let step = 0; step < count; step += 1) x = await run({ x, weight: double });
      return x.data[0];
    };
    const counts = [7, 1, 3, 2, 9, 9, 4, 5, 2, 6];
    expect(await inLockstep(counts.map(steps))).to.deep.equal(counts.map((count) => 2 ** count));
    expect(builds()).to.be.at.most(4); // 10, 8, 4, 2
  });

  it('takes more tasks than fit into one graph', async () => {
    const { run } = scaling();
    const results = await inLockstep(xs(70).map((x) => async () => (await run({ x, weight })).data[0]));
    expect(results).to.deep.equal(Array.from({ length: 70 }, (_, i) => 10 * i));
  });

  it('serves tasks that call other functions, other shapes, or nothing', async () => {
    const { run } = scaling();
    const negated = compile('negated', (x: Tensor) => tf.neg(x));
    const wide = ndarray([3], [1, 2, 3]);
    const results = await inLockstep<unknown>([
      async () => numbersOf(await run({ x: ndarray([2], [1, 2]), weight })),
      async () => numbersOf(await negated(wide)),
      async () => 'nothing',
      async () => numbersOf(await run({ x: wide, weight: scalar(3) })),
      async () => numbersOf(await run({ x: ndarray([2], [3, 4]), weight })),
    ]);
    expect(results).to.deep.equal([[10, 200], [-1, -2, -3], 'nothing', [3, 6, 9], [30, 400]]);
  });

  it('serves tasks that wait for each other, and several calls of one task', async () => {
    const { run } = scaling();
    const x = ndarray([2], [1, 1]);
    const first = run.bind(undefined, { x, weight });
    let shared: Promise<NdArray> | undefined;
    const task = async () => {
      shared ??= first();
      const [own, others] = await Promise.all([run({ x: await shared, weight }), shared]);
      return [...numbersOf(own), ...numbersOf(others)];
    };
    expect(await inLockstep([task, task, task])).to.deep.equal([0, 1, 2].map(() => [100, 10_000, 10, 100]));
  });

  it('works inside of a task too', async () => {
    const { run } = scaling();
    const inner = (x: NdArray) => () =>
      inLockstep([x, x].map((own) => async () => (await run({ x: own, weight })).data[0]));
    expect(await inLockstep(xs(3).map(inner))).to.deep.equal([
      [0, 0],
      [10, 10],
      [20, 20],
    ]);
  });

  it('throws what the first task throws, when the others have ended', async () => {
    const { run } = scaling();
    const ended: number[] = [];
    const task = (index: number) => async () => {
      await run({ x: ndarray([2], [index, index]), weight });
      if (index % 2 === 1) throw new Error(`task ${index}`);
      await run({ x: ndarray([2], [index, index]), weight });
      ended.push(index);
    };
    const error = await inLockstep([0, 1, 2, 3].map(task)).catch((reason: Error) => reason.message);
    expect(error).to.equal('task 1');
    expect(ended).to.deep.equal([0, 2]);
  });

  it('tells every task what is wrong with its call', async () => {
    const wrong = compile('wrong', ({ x, weight: other }: Inputs) => tf.matMul(x as never, other as never));
    const messages = await inLockstep(
      xs(2).map((x) => () => wrong({ x: { ...x, shape: [1, 2] }, weight: ndarray([1, 2], [1, 2]) }).catch(String)),
    );
    for (const message of messages) expect(message).to.include('compiled function "wrong"');
  });

  it('gives the same numbers whatever is in the other lanes', async () => {
    const sums = compile('sums', ({ x, weight: other }: Inputs) => tf.sum(tf.exp(tf.mul(x, other))));
    const among = async (others: readonly NdArray[]) => {
      const lanes = [ndarray([2], [0.1, 0.2]), ...others];
      const [own] = await inLockstep(lanes.map((x) => async () => (await sums({ x, weight })).data[0]));
      return own;
    };
    expect(await among(xs(3))).to.equal(await among(xs(3).toReversed()));
  });

  it('takes constants of each task, also when they have become others', async () => {
    const difference = ({ x, seen }: { x: Tensor; seen: Tensor }) => tf.sub(x, tf.exp(seen));
    const run = compile('apart', difference, { constants: ['seen'] });
    const before = buildStats().length;
    for (const sign of [1, -1]) {
      const seen = [0, 1, 2].map((task) => ndarray([2], [task * sign, 0]));
      for (const x of xs(3)) {
        const results = await inLockstep(seen.map((own) => async () => numbersOf(await run({ x, seen: own }))));
        results.forEach(([first, second], task) => {
          expect(first).to.be.closeTo(x.data[0] - Math.exp(task * sign), 1e-5);
          expect(second).to.equal(x.data[1] - 1);
        });
      }
    }
    expect(buildStats().length - before).to.equal(2); // what is computed before, and the rest
    const none = compile('none', difference);
    await inLockstep(xs(3).map((seen) => async () => none({ x: weight, seen })));
    expect(buildStats().length - before).to.equal(3);
  });

  it('takes parts of constants of each task', async () => {
    const parts = ({ x, seen }: { x: Tensor2D; seen: Tensor2D }) => {
      const [a, b] = tf.split(seen, 2) as [Tensor2D, Tensor2D];
      return [tf.add(x, a), tf.matMul(x, b)];
    };
    const run = compile('parts', parts, { constants: ['seen'] });
    const seen = [1, 2, 3].map((seed) => numbers([4, 2], { seed }));
    const x = numbers([2, 2]);
    const together = await inLockstep(seen.map((own) => () => run({ x, seen: own })));
    for (const [task, own] of seen.entries()) {
      const alone = await run({ x, seen: own });
      together[task].forEach((array, output) => {
        expectAlike(array, alone[output]);
      });
    }
  });

  it('computes what depends on constants of tasks once, also where these are parts of one array', async () => {
    const run = compile('once', ({ x, seen }: { x: Tensor; seen: Tensor }) => tf.sub(x, tf.exp(seen)), {
      constants: ['seen'],
    });
    const made = compile('made', (x: Tensor) => tf.mul(x, 2));
    const { prototype } = (createRequire(import.meta.url)('onnxruntime-node') as typeof import('onnxruntime-node'))
      .InferenceSession as unknown as { prototype: { run(...given: unknown[]): Promise<unknown> } };
    const { run: original } = prototype;
    let calls = 0;
    prototype.run = function counted(...given) {
      calls += 1;
      return original.apply(this, given);
    };
    try {
      const task = (x: NdArray) => async () => {
        const seen = await made(x);
        for (let step = 0; step < 5; step += 1) await run({ x: ndarray([2], [step, x.data[0]]), seen });
      };
      await inLockstep(xs(3).map(task));
    } finally {
      prototype.run = original;
    }
    expect(calls).to.equal(1 + 1 + 5);
  });

  it('computes one call after the other on engines that have no graphs', async () => {
    await useEngine('cpu');
    try {
      const { run, builds } = scaling();
      const results = await inLockstep(xs(3).map((x) => async () => (await run({ x, weight })).data[0]));
      expect(results).to.deep.equal([0, 10, 20]);
      expect(builds()).to.equal(0);
    } finally {
      await useEngine('onnx');
    }
  });
});
