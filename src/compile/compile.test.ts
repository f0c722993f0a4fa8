import { expect } from 'chai';
import { ShapeError } from '../arrays/errors.ts';
import { ndarray, rows, scalar } from '../arrays/ndarray.ts';
import type { NdArray } from '../contracts/array.ts';
import { compile } from './compile.ts';
import { activeEngine, type EngineName, useEngine } from './engine.ts';
import { keepAlive } from './keep.ts';
import { inLockstep } from './lockstep.ts';
import { buildStats } from './stats.ts';
import { loadable } from './testing/engines.ts';
import { type Tensor, tf } from './tf.ts';

const pair = { a: ndarray([2], [1, 2]), b: ndarray([2], [3, 4]) };
interface Pair {
  readonly a: Tensor;
  readonly b: Tensor;
}

async function failure(run: () => Promise<unknown>): Promise<Error> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

const values = ({ data }: NdArray): number[] => [...data];

for (const engine of ['onnx', 'tensorflow', 'cpu'] as const satisfies readonly EngineName[]) {
  describe(`compile on engine ${engine}`, () => {
    before(async function () {
      await loadable(this, engine);
      await useEngine(engine);
    });

    it('takes and gives trees of one structure', async () => {
      const run = compile(
        'tree',
        ({ list, rest }: { list: readonly Tensor[]; rest: { x: Tensor; none: undefined } }) => ({
          list: list.map((tensor) => tf.neg(tensor)),
          rest: { y: tf.square(rest.x), none: undefined },
        }),
      );
      const result = await run({ list: [pair.a, pair.b], rest: { x: scalar(3), none: undefined } });
      expect(result.list.map(values)).to.deep.equal([
        [-1, -2],
        [-3, -4],
      ]);
      expect(values(result.rest.y)).to.deep.equal([9]);
      expect(result.rest.none).to.equal(undefined);
      expect(result.rest.y.shape).to.deep.equal([]);
    });

    it('gives inputs, one value twice, constants and truths as outputs, and takes inputs that nothing needs', async () => {
      const run = compile('ports', ({ a }: Pair) => {
        const twice = tf.mul(a, 2);
        return [
          a,
          a,
          twice,
          twice,
          tf.scalar(5),
          tf.ones([2, 1]),
          tf.tensor([1, 2, 3]),
          tf.greater(a, 1),
          tf.reshape(a, [2, 1]),
        ];
      });
      const results = await run(pair);
      expect(results.map((array) => values(array))).to.deep.equal([
        [1, 2],
        [1, 2],
        [2, 4],
        [2, 4],
        [5],
        [1, 1],
        [1, 2, 3],
        [0, 1],
        [1, 2],
      ]);
      expect(results.map(({ shape }) => shape)).to.deep.equal([[2], [2], [2], [2], [], [2, 1], [3], [2], [2, 1]]);
    });

    it("gives arrays that are the caller's own", async () => {
      const run = compile('own', ({ a }: Pair) => ({ same: a, sum: tf.add(a, 1) }));
      const first = await run(pair);
      first.same.data.fill(9);
      first.sum.data.fill(9);
      const second = await run({ ...pair, a: ndarray([2], [7, 8]) });
      expect(values(first.sum)).to.deep.equal([9, 9]);
      expect(values(second.sum)).to.deep.equal([8, 9]);
      expect(values(pair.a)).to.deep.equal([1, 2]);
    });

    it('takes views of larger arrays', async () => {
      const run = compile('view', ({ x }: { x: Tensor }) => tf.add(x, 1));
      const x = ndarray([3, 2], [1, 2, 3, 4, 5, 6]);
      expect(values(await run({ x: rows(x, 1, 3) }))).to.deep.equal([4, 5, 6, 7]);
    });

    it('takes a function that computes nothing', async () => {
      const run = compile('nothing', ({ list }: { list: readonly Tensor[] }) => ({ list, none: undefined }));
      expect(await run({ list: [] })).to.deep.equal({ list: [], none: undefined });
    });

    it('builds anew for other shapes', async () => {
      const run = compile('shapes', ({ x }: { x: Tensor }) => tf.sum(x));
      expect(values(await run({ x: ndarray([2], [1, 2]) }))).to.deep.equal([3]);
      expect(values(await run({ x: ndarray([3, 1], [1, 2, 4]) }))).to.deep.equal([7]);
      expect(values(await run({ x: ndarray([2], [5, 6]) }))).to.deep.equal([11]);
    });

    it('builds anew for another structure of the same arrays', async () => {
      const { a } = pair;
      const timesLength = compile('length', (list: readonly (Tensor | undefined)[]) =>
        tf.mul(list[0] as Tensor, list.length),
      );
      expect(values(await timesLength([a, undefined]))).to.deep.equal([2, 4]);
      expect(values(await timesLength([a]))).to.deep.equal([1, 2]);
      const byKeys = compile('keys', (inputs: { a: Tensor; b?: undefined }) =>
        'b' in inputs ? tf.neg(inputs.a) : inputs.a,
      );
      expect(values(await byKeys({ a, b: undefined }))).to.deep.equal([-1, -2]);
      expect(values(await byKeys({ a }))).to.deep.equal([1, 2]);
      const first = compile('order', (inputs: Pair) => Object.values(inputs)[0] as Tensor);
      expect(values(await first(pair))).to.deep.equal([1, 2]);
      expect(values(await first({ b: pair.b, a }))).to.deep.equal([3, 4]);
    });

    it('builds constants in, and anew where they are others', async () => {
      const run = compile('affine', ({ fixed, x }: { fixed: Pair; x: Tensor }) => tf.add(tf.mul(fixed.a, x), fixed.b), {
        constants: ['fixed'],
      });
      const others = { ...pair, b: ndarray([2], [5, 6]) };
      const x = scalar(10);
      for (const [fixed, expected] of [
        [pair, [13, 24]],
        [others, [15, 26]],
        [pair, [13, 24]],
      ] as const) {
        expect(values(await run({ fixed, x }))).to.deep.equal(expected);
      }
      expect(values(await run({ fixed: others, x: scalar(1) }))).to.deep.equal([6, 8]);
      const many = Array.from({ length: 40 }, (_, k) => ndarray([2], [k, -k]));
      for (const b of [...many, many[0] as NdArray]) {
        expect(values(await run({ fixed: { a: pair.a, b }, x }))).to.deep.equal([10 + b.data[0], 20 + b.data[1]]);
      }
    });

    it('runs several calls at once', async () => {
      const run = compile('parallel', ({ x }: { x: Tensor }) => tf.square(x));
      const results = await Promise.all([1, 2, 3, 4].map((value) => run({ x: scalar(value) })));
      expect(results.map((result) => result.data[0])).to.deep.equal([1, 4, 9, 16]);
    });

    it('is not disturbed by tidy, dispose and tensors that were made elsewhere', async () => {
      const outside = tf.tensor1d([10, 20]);
      const run = compile('disposal', ({ a }: Pair) => {
        const doubled = tf.tidy(() => tf.mul(a, 2));
        const copy = tf.clone(doubled);
        const sum = tf.add(copy, outside);
        copy.dispose();
        doubled.dispose();
        return sum;
      });
      expect(values(await run(pair))).to.deep.equal([12, 24]);
      expect(values(await run(pair))).to.deep.equal([12, 24]);
      expect([...outside.dataSync()]).to.deep.equal([10, 20]);
      outside.dispose();
    });

    it('keeps alive what a differentiated function made', async () => {
      const run = compile('kept', ({ a }: Pair) => {
        let hidden: Tensor | undefined;
        const gradient = tf.grad((x) => {
          hidden = keepAlive(tf.square(x));
          return tf.sum(hidden);
        })(a);
        return { hidden: hidden as Tensor | undefined, gradient };
      });
      const { hidden, gradient } = await run(pair);
      expect(values(hidden as NdArray)).to.deep.equal([1, 4]);
      expect(values(gradient)).to.deep.equal([2, 4]);
    });

    it('leaves no tensors behind', async () => {
      const run = compile('clean', ({ a, b }: Pair) => tf.grads((x, y) => tf.sum(tf.mul(tf.sigmoid(x), y)))([a, b]));
      const before = tf.memory().numTensors;
      for (let call = 0; call < 3; call += 1) await run(pair);
      expect(tf.memory().numTensors).to.equal(before);
    });

    it('names the function where shapes do not fit, and tries again after a failure', async () => {
      let fail = true;
      const run = compile('misfit', ({ a }: Pair) => tf.add(a, tf.ones([fail ? 3 : 2])));
      const error = await failure(() => run(pair));
      expect(error).to.be.instanceOf(ShapeError);
      expect(error.message).to.match(/^compiled function "misfit"[\s\S]*(2.*3|shapes)/);
      expect(error.cause).to.be.instanceOf(Error);
      expect((await failure(() => run(pair))).message).to.equal(error.message);
      fail = false;
      expect(values(await run(pair))).to.deep.equal([2, 3]);
    });

    it('keeps the kind of an error that the body throws', async () => {
      const run = compile('picky', (_: Pair) => {
        throw new RangeError('cut must be positive');
      });
      const error = await failure(() => run(pair));
      expect(error).to.be.instanceOf(RangeError);
      expect(error.message).to.equal('compiled function "picky": cut must be positive');
    });

    it('refuses what is not an array or a tensor', async () => {
      const identity = compile('ports', ({ a }: { a: Tensor }) => a);
      expect((await failure(() => identity({ a: 3 as never }))).message).to.match(
        /"ports": input "a" must be an array .* but is 3/,
      );
      expect((await failure(() => identity({ a: { shape: [3], data: new Float32Array(2) } }))).message).to.match(
        /input a has shape \[3\], but 2 values/,
      );
      const wrong = compile('wrong', ({ a }: Pair) => ({ loss: 1 as unknown as Tensor, a }));
      expect((await failure(() => wrong(pair))).message).to.match(
        /"wrong": output "loss" must be a tensor .* but is 1/,
      );
    });
  });
}

describe('compile on engine onnx, while tracing', () => {
  before(() => useEngine('onnx'));

  it('says that values are not known', async () => {
    for (const read of [(x: Tensor) => x.dataSync(), (x: Tensor) => x.arraySync(), (x: Tensor) => x.print()]) {
      const run = compile('reader', ({ a }: Pair) => {
        read(a);
        return a;
      });
      expect((await failure(() => run(pair))).message).to.equal(
        'compiled function "reader": the value of a tensor is not known while tracing; make it an input or an output of the compiled function',
      );
    }
  });

  it('knows the values of constants', async () => {
    const run = compile('known', ({ a }: Pair) => tf.mul(a, tf.tensor([3, 4]).arraySync() as number[]));
    expect(values(await run(pair))).to.deep.equal([3, 8]);
  });

  it('names the function and the kernel that it does not have', async () => {
    const run = compile('spectrum', ({ a }: Pair) =>
      tf.linalg.bandPart(tf.reshape(a, [1, 2]), 0, 0).add(tf.real(tf.fft(tf.complex(a, a)))),
    );
    const error = await failure(() => run(pair));
    expect(error.message).to.match(/^compiled function "spectrum": the kernel \w+ is not there on this engine/);
  });

  it('names the function and the kernel whose attributes do not fit', async () => {
    const run = compile('gatherer', ({ a }: Pair) =>
      tf.gather(tf.reshape(a, [1, 2]), tf.tensor2d([[0]], [1, 1], 'int32'), 1, 1),
    );
    expect((await failure(() => run(pair))).message).to.match(
      /^compiled function "gatherer", kernel GatherV2: batchDims/,
    );
  });

  it('refuses a tensor of another trace', async () => {
    let leaked: Tensor | undefined;
    const run = compile('leaking', ({ a }: Pair) => {
      if (leaked) return tf.add(a, leaked);
      leaked = tf.keep(tf.mul(a, 2));
      return leaked;
    });
    await run(pair);
    const again = () => run({ ...pair, a: ndarray([1], [1]) });
    expect((await failure(again)).message).to.match(/"leaking", kernel Add: a tensor of another run/);
  });

  it('records what building took', async () => {
    const before = buildStats().length;
    await compile('recorded', ({ a, b }: Pair) => tf.sum(tf.mul(a, b)))(pair);
    const [stats] = buildStats().slice(before);
    expect(stats?.functionName).to.equal('recorded');
    expect(stats?.nodes).to.be.within(2, 4);
    expect(stats?.traceMs).to.be.greaterThan(0);
    expect(stats?.sessionMs).to.be.greaterThan(0);
  });

  it('returns inputs, constants and one value twice as outputs of their own', async () => {
    const f = compile('same twice', ({ a, b }: Pair) => {
      const sum = tf.add(a, b);
      return { a, sum, again: sum, one: tf.onesLike(a), doubled: tf.add(sum, sum) };
    });
    const { a, sum, again, one, doubled } = await f(pair);
    const values = pair.a.data.map((value, i) => value + (pair.b.data[i] as number));
    expect([...a.data]).to.deep.equal([...pair.a.data]);
    expect([...again.data]).to.deep.equal([...values]);
    sum.data.fill(7); // each is the caller's
    expect([...again.data]).to.deep.equal([...values]);
    expect([...doubled.data]).to.deep.equal([...values.map((value) => 2 * value)]);
    expect([...one.data]).to.deep.equal([...values.map(() => 1)]);
  });

  it('makes one node of equal ones, and none for what no output needs', async () => {
    const before = buildStats().length;
    await compile('lean', ({ a }: Pair) => {
      tf.exp(a);
      return tf.add(tf.sin(a), tf.sin(a));
    })(pair);
    expect(buildStats()[before]?.nodes).to.equal(2); // Sin and Add
  });
});

describe('constants of a compiled function on engine onnx', () => {
  before(() => useEngine('onnx'));

  const buildsOf = (name: string) => buildStats().filter(({ functionName }) => functionName === name);
  const affine = (name: string) =>
    compile(name, ({ fixed, x }: { fixed: Pair; x: Tensor }) => tf.sum(tf.add(tf.exp(fixed.a), tf.mul(fixed.b, x))), {
      constants: ['fixed'],
    });

  it('are built in once while they stay the same arrays', async () => {
    const run = affine('constants once');
    for (const x of [1, 2, 3]) await run({ fixed: pair, x: scalar(x) });
    expect(buildsOf('constants once')).to.have.length(1);
    await run({ fixed: { ...pair, a: ndarray([2], [1, 2]) }, x: scalar(1) });
    expect(buildsOf('constants once')).to.have.length(2);
  });

  it('are found by whole parts of a path', async () => {
    const run = compile(
      'like',
      (inputs: { fixed: Tensor; fixedToo: Tensor }) => tf.add(inputs.fixed, inputs.fixedToo),
      {
        constants: ['fixed'],
      },
    );
    for (const value of [1, 2]) {
      expect(values(await run({ fixed: pair.a, fixedToo: scalar(value) }))).to.deep.equal([1 + value, 2 + value]);
    }
    expect(buildsOf('like')).to.have.length(1);
  });

  it('are built into lanes where all share them, and differ between lanes where not', async () => {
    const run = affine('constants in lanes');
    const calls = [1, 2, 3].map((x) => ({ fixed: { a: pair.a, b: ndarray([2], [x, x + 1]) }, x: scalar(x) }));
    const together = await inLockstep(calls.map((inputs) => () => run(inputs)));
    for (const [index, inputs] of calls.entries()) {
      expect(together[index]?.data[0]).to.be.closeTo((await run(inputs)).data[0] as number, 1e-5);
    }
    const [inLanes] = buildsOf('constants in lanes');
    expect(inLanes?.nodes).to.be.at.most((buildsOf('constants in lanes')[1]?.nodes ?? 0) + 2);
  });
});

describe('engines', () => {
  it('refuse a device that does not load, with the reason and those that the runtime knows', async () => {
    const refusal = await failure(() => useEngine('onnx', { device: 'abacus' }));
    expect(refusal.message).to.match(/engine "onnx" does not load: device "abacus": .+\nONNX Runtime knows cpu, /s);
    expect((await activeEngine()).device).to.equal('cpu'); // the active one stays
  });

  it('have a device of their own on onnx only', async () => {
    const refusal = await failure(() => useEngine('cpu', { device: 'cuda' }));
    expect(refusal).to.be.instanceOf(RangeError);
    expect(refusal.message).to.match(/engine "cpu" computes on device cpu only, but device is "cuda"/);
  });

  it('refuse names and threads that make no sense', async () => {
    expect((await failure(() => useEngine('gpu' as EngineName))).message).to.match(
      /one of onnx, tensorflow, cpu, but is "gpu"/,
    );
    expect((await failure(() => useEngine('onnx', { threads: 0 }))).message).to.match(
      /threads must be a whole number from 1 on/,
    );
  });

  it('say what they are', async () => {
    await useEngine('onnx', { threads: 2 });
    const engine = await activeEngine();
    expect(engine.name).to.equal('onnx');
    expect(engine.threads).to.equal(2);
    expect(engine.versions['onnxruntime-node']).to.match(/^\d+\.\d+\.\d+$/);
    await useEngine('onnx');
  });
});
