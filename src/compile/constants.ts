/** Inputs that are built into a graph: found by their paths, known again by the arrays that hold their numbers. */

import type { NdArray } from '../contracts/array.ts';
import type { CallInputs } from './ports.ts';
import { tf } from './tf.ts';

/** At the places of the inputs that are built in: their arrays. */
export type Constants = readonly (NdArray | undefined)[];

/** @param starts Of the paths of constant inputs. */
export function areConstant({ paths }: CallInputs, starts: readonly string[]): readonly boolean[] {
  return paths.map((path) => starts.some((start) => path === start || path.startsWith(`${start}.`)));
}

export function constantsOf({ leaves }: CallInputs, isBuiltIn: readonly boolean[]): Constants {
  return leaves.map((array, index) => (isBuiltIn[index] ? array : undefined));
}

/** Whether inputs of the same form have the same constants. */
export function haveConstants({ leaves }: CallInputs, constants: Constants): boolean {
  return constants.every((array, index) => !array || array.data === leaves[index]?.data);
}

/** The tensors that the body sees. */
export function withConstants(tensors: readonly object[], constants: Constants): readonly object[] {
  return tensors.map((tensor, index) => {
    const array = constants[index];
    return array ? tf.tensor(array.data, [...array.shape], 'float32') : tensor;
  });
}

/** Tells constants apart by their arrays alone: with other inputs of other shapes they stay the same. */
export function identityOf(constants: Constants): string {
  return constants.flatMap((array) => (array ? [numberOf(array.data)] : [])).join();
}

const numbers = new WeakMap<Float32Array, number>();
let count = 0;

function numberOf(data: Float32Array): number {
  const number = numbers.get(data) ?? count++;
  numbers.set(data, number);
  return number;
}
