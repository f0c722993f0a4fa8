/**
 * Turns a TensorFlow.js expression over tensors into a function over arrays.
 *
 * The body runs once for each engine and each set of input shapes; what it builds is reused after that. So it must be a pure
 * function of its inputs: randomness comes in as an array, and a value cannot be looked at while tracing.
 */

import type { Arrays } from '../contracts/array.ts';
import { activeEngine } from './engine.ts';
import { eachInStep, inStep } from './lockstep.ts';
import { inputFlattener, kindOf } from './ports.ts';
import type { Body } from './version.ts';
import { Versions } from './versions.ts';

export interface CompileOptions {
  /**
   * Inputs that stay the same objects from call to call, by the start of their path (`weights`, `given.target`): they are built into
   * the graph, which is then faster by what they need before each call, and is built anew for others. Their numbers must not be
   * written to afterwards. A path that the inputs do not have, as of an optional part, stands for nothing: a wrong name is no error.
   * Of tasks in lockstep that each have their own, most of what depends on them alone is computed once, before the first call; again for
   * others.
   *
   * Graphs of the last 16 sets of constants are kept, for all shapes of the other inputs. Where 16 sets in a row are dropped after
   * fewer than 16 calls each, because too many of them take turns, the function takes constants as it takes other inputs from then on,
   * and builds one graph for all.
   */
  readonly constants?: readonly string[];
}

/**
 * @param name Names the function in errors and traces.
 * @param body Takes a tree of tensors to a tree of tensors.
 * @returns The same function over trees of arrays of the same structure.
 * @throws What the body throws, with the function's name; a ShapeError where shapes do not fit.
 * @example
 * const sum = compile('sum', ({ a, b }: { a: Tensor; b: Tensor }) => tf.add(a, b));
 * await sum({ a: ndarray([2], [1, 2]), b: ndarray([2], [3, 4]) }); // { shape: [2], data: [4, 6] }
 */
export function compile<Inputs, Outputs>(
  name: string,
  body: (inputs: Inputs) => Outputs,
  options: CompileOptions = {},
): (inputs: Arrays<Inputs>) => Promise<Arrays<Outputs>> {
  const versions = new Versions(name, body as Body, options.constants);
  const flatten = inputFlattener(name);
  return async (inputs) => (await inStep(versions, flatten(inputs))) as Arrays<Outputs>;
}

/**
 * As `compile`, of several inputs at once: `compileEach(name, body)([a, b])` is `[f(a), f(b)]` of `f = compile(name, body)`. An engine
 * with several threads computes inputs of the same shapes at the same time (see `threadsForEach`); what comes out depends neither on
 * the number of threads nor on which of them is quicker.
 *
 * A process that ends waits for what its threads compute. From a Worker of the caller's own it cannot, here as in `compile`: where the
 * process exits, or the Worker is terminated, in the middle of a call on engine `onnx`, the process aborts, as with ONNX Runtime alone
 * in a Worker. Let the calls there end first.
 *
 * @throws As `compile`; where several inputs fail, what the first of them throws, once all have ended.
 */
export function compileEach<Inputs, Outputs>(
  name: string,
  body: (inputs: Inputs) => Outputs,
): (list: readonly Arrays<Inputs>[]) => Promise<Arrays<Outputs>[]> {
  const versions = new Versions(name, body as Body);
  const flatten = inputFlattener(name);
  return async (list) => {
    if (!Array.isArray(list)) {
      throw new TypeError(`compiled function "${name}": it takes a list of inputs, but is given ${kindOf(list)}.`);
    }
    return (await eachInStep(versions, list.map(flatten))) as Arrays<Outputs>[];
  };
}

/** How many inputs the active engine computes at the same time for `compileEach`. */
export async function threadsForEach(): Promise<number> {
  const { threads, buildForMany } = await activeEngine();
  return buildForMany ? threads : 1;
}
