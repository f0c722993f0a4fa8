/**
 * Turns a TensorFlow.js expression over tensors into a function over arrays.
 *
 * The body runs once for each engine and each set of input shapes; what it builds is reused after that. So it must be a pure
 * function of its inputs: randomness comes in as an array, and a value cannot be looked at while tracing.
 */

import type { Arrays, NdArray, Tree } from '../contracts/array.ts';
import { activeEngine, type Engine, type Executable, type FlatFunction } from './engine.ts';
import { explained } from './explain.ts';
import { type Flattened, flattenInputs, flattenOutputs, type Slot, unflatten } from './ports.ts';

/** A function made ready for one engine and one set of input shapes. */
interface Version {
  readonly run: Executable;
  /** Structure of the outputs as the body last returned them. */
  readonly outputs: () => Tree<Slot>;
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
): (inputs: Arrays<Inputs>) => Promise<Arrays<Outputs>> {
  const versionsOf = new WeakMap<Engine, Map<string, Promise<Version>>>();

  return async (inputs) => {
    const engine = await activeEngine();
    const flat = flattenInputs(name, inputs);
    const versions = versionsOf.get(engine) ?? new Map<string, Promise<Version>>();
    versionsOf.set(engine, versions);
    const key = keyOf(flat);
    const version = versions.get(key) ?? build(engine, { name, body, flat });
    versions.set(key, version);
    version.catch(() => versions.delete(key)); // the next call tries again
    const { run, outputs } = await version;
    const results = await run(flat.leaves);
    return unflatten(outputs(), results) as Arrays<Outputs>;
  };
}

function keyOf({ leaves, paths }: Flattened<NdArray>): string {
  return leaves.map(({ shape }, index) => `${paths[index]}:${shape.join('x')}`).join('|');
}

interface BuildRequest<Inputs, Outputs> {
  readonly name: string;
  readonly body: (inputs: Inputs) => Outputs;
  readonly flat: Flattened<NdArray>;
}

async function build<Inputs, Outputs>(engine: Engine, request: BuildRequest<Inputs, Outputs>): Promise<Version> {
  const { name, body, flat } = request;
  const inputs = flat.structure; // what is kept must not keep the arrays of the first call
  let structure: Tree<Slot>;
  const flatBody: FlatFunction['body'] = (tensors) => {
    try {
      const outputs = flattenOutputs(name, body(unflatten(inputs, tensors) as Inputs));
      structure = outputs.structure;
      return outputs.leaves;
    } catch (error) {
      throw explained(name, error);
    }
  };
  const run = await engine.build({ name, body: flatBody }, flat.leaves);
  return { run, outputs: () => structure };
}
