import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { ShapeError } from '../arrays/errors.ts';
import { ndarray, rows } from '../arrays/ndarray.ts';
import { seededRng } from '../arrays/rng.ts';
import type { NdArray } from '../contracts/array.ts';
import { compile, compileEach, threadsForEach } from './compile.ts';
import { useEngine } from './engine.ts';
import { inLockstep } from './lockstep.ts';
import { buildStats } from './stats.ts';
import { type Tensor, tf } from './tf.ts';

interface Inputs {
  readonly x: Tensor;
  readonly weight: Tensor;
}

/** Sums whose rounding shows in which order they were made, a small result and an input that nothing needs. */
const network = ({ x, weight }: Inputs) => {
  const y = tf.sigmoid(tf.matMul(x, weight));
  return { y, none: undefined, sums: [tf.sum(y), tf.sum(x, 1)], weight };
};

const normal = (shape: readonly number[], name: string): NdArray =>
  ndarray(
    shape,
    seededRng(1)
      .fork(name)
      .normal(shape.reduce((size, length) => size * length, 1)),
  );

const weight = normal([300, 40], 'weight');
const inputsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ x: normal([60, 300], `x-${i}`), weight }));

async function failure(run: () => Promise<unknown>): Promise<Error> {
  return run().then(
    () => expect.fail('nothing was thrown'),
    (error: Error) => error,
  );
}

describe('compileEach', () => {
  beforeEach(() => useEngine('onnx')); // an earlier file may have left another one
  afterEach(() => useEngine('onnx'));

  for (const threads of [1, 2, 3]) {
    it(`on ${threads} threads gives for any number of inputs, in their order, what each gives alone`, async () => {
      const one = compile('alone', network);
      const alone: unknown[] = [];
      for (const inputs of inputsOf(7)) alone.push(await one(inputs));
      await useEngine('onnx', { threads });
      expect(await threadsForEach()).to.equal(threads);
      const each = compileEach('each', network);
      for (const count of [2, 3, 7]) expect(await each(inputsOf(count))).to.deep.equal(alone.slice(0, count));
      expect(await each([])).to.deep.equal([]);
    });
  }

  it('builds one graph for all calls of the same shapes', async () => {
    await useEngine('onnx', { threads: 2 });
    const each = compileEach('counted', network);
    const before = buildStats().length;
    await each(inputsOf(2));
    await each(inputsOf(5));
    expect(buildStats().length - before).to.equal(1);
  });

  it('leaves arrays as they are, views too, and what it returns to the caller', async () => {
    await useEngine('onnx', { threads: 2 });
    const each = compileEach('views', ({ x }: { x: Tensor }) => tf.mul(x, 2));
    const whole = ndarray([4, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const halves = [{ x: rows(whole, 0, 2) }, { x: rows(whole, 2, 4) }];
    const first = await each(halves);
    whole.data.fill(1);
    const second = await each(halves);
    expect([...whole.data]).to.deep.equal(Array(12).fill(1));
    expect(first.map(({ data }) => [...data])).to.deep.equal([
      [2, 4, 6, 8, 10, 12],
      [14, 16, 18, 20, 22, 24],
    ]);
    expect(second.map(({ data }) => [...data])).to.deep.equal([Array(6).fill(2), Array(6).fill(2)]);
  });

  it('computes inputs of different shapes too', async () => {
    await useEngine('onnx', { threads: 2 });
    const each = compileEach('ragged', ({ x }: { x: Tensor }) => tf.sum(x));
    const sums = await each([{ x: ndarray([2], [1, 2]) }, { x: ndarray([3], [1, 2, 4]) }]);
    expect(sums.map(({ data }) => data[0])).to.deep.equal([3, 7]);
  });

  it('reports what goes wrong on a thread as on the main one, and goes on', async () => {
    await useEngine('onnx', { threads: 2 });
    const picked = ({ x, at }: { x: Tensor; at: Tensor }) => tf.gather(x, tf.cast(at, 'int32'));
    const calls = (...places: number[]) => places.map((at) => ({ x: ndarray([2], [5, 6]), at: ndarray([1], [at]) }));
    const each = compileEach('picked', picked);
    const onMain = await failure(() => each(calls(9, 0)));
    const beside = await failure(() => each(calls(0, 9)));
    expect(onMain.message).to.match(/^compiled function "picked": .*idx=9/s);
    expect(beside.message).to.equal(onMain.message);
    expect(beside.constructor).to.equal(onMain.constructor);
    expect((await each(calls(0, 1))).map(({ data }) => data[0])).to.deep.equal([5, 6]);
  });

  it('reports that a thread has ended, and begins another for the next call', async () => {
    await useEngine('onnx', { threads: 4 }); // which no other test has ended
    const begun: Worker[] = [];
    const note = (worker: Worker) => void begun.push(worker);
    process.on('worker', note);
    const each = compileEach('ended', ({ x }: { x: Tensor }) => tf.neg(x));
    const calls = [1, 2, 3, 4].map((k) => ({ x: ndarray([1], [k]) }));
    await each(calls);
    expect(begun).to.have.length(3);
    await begun[1]?.terminate();
    expect((await failure(() => each(calls))).message).to.match(
      /^compiled function "ended": a thread .* ended with code 1; the next call begins another/,
    );
    expect((await each(calls)).map(({ data }) => data[0])).to.deep.equal([-1, -2, -3, -4]);
    expect(begun).to.have.length(4);
    process.off('worker', note);
  });

  it('says what it takes where it is given no list', async () => {
    const each = compileEach('listed', ({ x }: { x: Tensor }) => tf.neg(x));
    const error = await failure(() => each(undefined as never));
    expect(error).to.be.instanceOf(TypeError);
    expect(error.message).to.equal('compiled function "listed": it takes a list of inputs, but is given undefined.');
  });

  it('reports what goes wrong while building', async () => {
    await useEngine('onnx', { threads: 2 });
    const each = compileEach('misfit', ({ x }: { x: Tensor }) => tf.reshape(x, [5]));
    const calls = [{ x: ndarray([2], [1, 2]) }, { x: ndarray([2], [3, 4]) }];
    const error = await failure(() => each(calls));
    expect(error).to.be.instanceOf(ShapeError);
    expect(error.message).to.match(/^compiled function "misfit", kernel Reshape/);
  });

  it('of tasks in lockstep computes those together that are each task’s next', async () => {
    await useEngine('onnx', { threads: 2 });
    const each = compileEach('in step', ({ x }: { x: Tensor }) => tf.mul(x, 10));
    const before = buildStats().length;
    const task = (k: number) => () => each([{ x: ndarray([1], [k]) }, { x: ndarray([1], [-k]) }]);
    const results = await inLockstep([task(1), task(2)]);
    expect(results.map((list) => list.map(({ data }) => data[0]))).to.deep.equal([
      [10, -10],
      [20, -20],
    ]);
    expect(buildStats().length - before).to.equal(1);
  });

  it('computes one after the other on an engine without threads of its own', async () => {
    await useEngine('cpu', { threads: 2 });
    expect(await threadsForEach()).to.equal(1);
    const each = compileEach('one by one', ({ x }: { x: Tensor }) => tf.neg(x));
    const results = await each([{ x: ndarray([1], [1]) }, { x: ndarray([1], [2]) }]);
    expect(results.map(({ data }) => data[0])).to.deep.equal([-1, -2]);
  });

  const ends = (script: string, ...args: string[]) => {
    const file = fileURLToPath(new URL(`./testing/${script}.ts`, import.meta.url));
    const node = ['--import', 'tsx', '--no-experimental-require-module', file];
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...node, ...args], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    return { status, signal, stdout, stderr };
  };

  it('lets the process wait for results, and end with them', () => {
    expect(ends('each-on-threads')).to.deep.equal({ status: 0, signal: null, stdout: '2 4\n', stderr: '' });
  });

  it('lets the process exit while a thread computes, with the code that it gives', () => {
    expect(ends('end-on-threads', 'exit')).to.deep.equal({ status: 7, signal: null, stdout: '', stderr: '' });
  });

  for (const [listener, code] of Object.entries({ 'exits before': 5, 'exits first': 5, 'throws before': 7 })) {
    it(`lets the process exit where another listener ${listener}`, () => {
      const { status, signal, stderr } = ends('end-on-threads', 'exit', listener);
      expect({ status, signal }).to.deep.equal({ status: code, signal: null });
      expect(stderr).not.to.match(/Napi/);
    });
  }

  it('lets the process end by an error while a thread computes', () => {
    const { status, signal, stderr } = ends('end-on-threads', 'throw');
    expect({ status, signal }).to.deep.equal({ status: 1, signal: null });
    expect(stderr)
      .to.match(/Error: thrown in the middle/)
      .and.not.match(/Napi/);
  });
});
