/** Compares what compiled functions give with what TensorFlow.js's own kernels give. */

import { expect } from 'chai';
import { isNdArray, ndarray, sizeOf } from '../../arrays/ndarray.ts';
import { leavesOf } from '../../arrays/tree.ts';
import type { NdArray, Shape, Tree } from '../../contracts/array.ts';
import { compile } from '../compile.ts';
import { type EngineName, useEngine } from '../engine.ts';
import { inLockstep } from '../lockstep.ts';
import { type Tensor, tf } from '../tf.ts';

/** Two numbers x and y are alike where |x − y| ≤ tolerance · (1 + largest |x| of the array). */
const tolerance = 2e-5;

export type Body = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

export interface ParityOptions {
  /** Inputs by index for which gradients are compared too; default: all. */
  readonly gradientOf?: readonly number[];
  /** Just the values. */
  readonly valuesOnly?: boolean;
}

/**
 * The body's outputs, and the gradients of their sum weighted by fixed numbers, from the `engine` (default onnx) and from the
 * `cpu` engine; on `onnx` also in lockstep with calls of other numbers. For a third of all shapes the last input is a constant.
 */
export async function expectParity(
  body: Body,
  inputs: readonly NdArray[],
  options: ParityOptions & { readonly engine?: EngineName } = {},
): Promise<void> {
  const { engine = 'onnx', gradientOf = inputs.map((_, index) => index), valuesOnly = false } = options;
  const constants = sizeOf(inputs[0]?.shape ?? []) % 3 === 0 ? [`${inputs.length - 1}`] : [];
  const outputs = (tensors: readonly Tensor[]) => {
    const values = listed(body(...tensors));
    return valuesOnly ? { values } : { values, gradients: gradients(body, tensors, gradientOf) };
  };
  const run = compile('parity', outputs, { constants });
  const [expected, actual] = [await runOn('cpu', run, inputs), await runOn(engine, run, inputs)];
  expect(actual.length).to.equal(expected.length);
  expected.forEach((array, index) => {
    expectAlike(actual[index] as NdArray, array);
  });
  if (engine === 'onnx') await expectSameInLockstep(run, inputs);
}

type Run = (inputs: NdArray[]) => Promise<unknown>;

/** Calls whose inputs all differ, and calls that differ in the first input only or in the last. */
async function expectSameInLockstep(run: Run, inputs: readonly NdArray[]): Promise<void> {
  const last = inputs.length - 1;
  const alone = sizeOf(inputs[0]?.shape ?? []) % 2 === 0 ? 0 : last;
  const ways = last > 0 ? [() => true, (index: number) => index === alone] : [() => true];
  for (const differs of ways) {
    const calls = [0, 1, 2].map((turns) =>
      inputs.map((array, index) => (differs(index) ? turned(array, turns) : array)),
    );
    const together = await inLockstep(calls.map((own) => () => run(own)));
    for (const [index, own] of calls.entries()) {
      const [expected, actual] = [await run(own), together[index]].map(arraysIn);
      expected?.forEach((array, output) => {
        expectAlike(actual?.[output] as NdArray, array);
      });
    }
  }
}

/** The same numbers, begun elsewhere. */
function turned({ shape, data }: NdArray, turns: number): NdArray {
  return ndarray(shape, Float32Array.from([...data.slice(turns), ...data.slice(0, turns)]));
}

const arraysIn = (outputs: unknown) => leavesOf(outputs as Tree<NdArray>, isNdArray);

async function runOn(engine: EngineName, run: Run, inputs: readonly NdArray[]): Promise<NdArray[]> {
  await useEngine(engine);
  return arraysIn(await run([...inputs]));
}

function listed(outputs: Tensor | readonly Tensor[]): readonly Tensor[] {
  return outputs instanceof tf.Tensor ? [outputs] : outputs;
}

function gradients(body: Body, tensors: readonly Tensor[], indices: readonly number[]): Tensor[] {
  const weighted = (...chosen: Tensor[]) => {
    const all = tensors.map((tensor, index) => chosen[indices.indexOf(index)] ?? tensor);
    const sums = listed(body(...all)).map((value) =>
      tf.sum(tf.mul(tf.cast(value, 'float32'), weightsFor(value.shape))),
    );
    return sums.reduce((sum, part) => tf.add(sum, part)) as Tensor;
  };
  return tf.grads(weighted as never)(indices.map((index) => tensors[index]) as Tensor[]);
}

function weightsFor(shape: Shape): Tensor {
  return tf.tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, index) => Math.sin(3 * index + 1)),
    [...shape],
  );
}

export function expectAlike(actual: NdArray, expected: NdArray, within = tolerance): void {
  expect(actual.shape).to.deep.equal(expected.shape);
  const scale =
    1 + expected.data.reduce((max, value) => (Number.isFinite(value) ? Math.max(max, Math.abs(value)) : max), 0);
  expected.data.forEach((value, index) => {
    const other = actual.data[index] as number;
    if (Object.is(value, other) || value === other) return;
    expect(Math.abs(value - other), `entry ${index}: ${other} for ${value}`).to.be.at.most(within * scale);
  });
}

/** Numbers in [low, high) that depend on the seed only. */
export function numbers(
  shape: Shape,
  { seed = 1, low = -2, high = 2 }: { seed?: number; low?: number; high?: number } = {},
): NdArray {
  let state = seed * 2654435761 + 12345;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  next();
  return ndarray(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * next()),
  );
}

/** Whole numbers in [low, high]: many of them equal. */
export function wholeNumbers(
  shape: Shape,
  { seed = 1, low = -2, high = 2 }: { seed?: number; low?: number; high?: number } = {},
): NdArray {
  const { data } = numbers(shape, { seed, low, high: high + 1 });
  return ndarray(
    shape,
    data.map((value) => Math.min(high, Math.floor(value))),
  );
}
