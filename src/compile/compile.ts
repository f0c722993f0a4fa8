/**
 * Turns a TensorFlow.js expression over tensors into a function over arrays.
 *
 * The body runs once for each engine and each set of input shapes; what it builds is reused after that. So it must be a pure
 * function of its inputs: randomness comes in as an array, and a value cannot be looked at while tracing.
 */

import { isNdArray } from '../arrays/ndarray.ts';
import { leavesOf, mapLeaves } from '../arrays/tree.ts';
import type { Arrays, NdArray, Tree } from '../contracts/array.ts';
import { activeEngine, type Engine, type Executable, type FlatFunction } from './engine.ts';
import { type Tensor, tf } from './tf.ts';

const isTensor = (node: object): node is Tensor => node instanceof tf.Tensor;

interface Built {
  readonly run: Executable;
  /** Structure of the outputs: filled in by the first run of the body. */
  outputs: Tree<Tensor>;
}

/**
 * @param name Names the function in errors and traces.
 * @param body Takes a tree of tensors to a tree of tensors.
 * @returns The same function over trees of arrays of the same structure.
 * @example
 * const sum = compile('sum', ({ a, b }: { a: Tensor; b: Tensor }) => tf.add(a, b));
 * await sum({ a: ndarray([2], [1, 2]), b: ndarray([2], [3, 4]) }); // { shape: [2], data: [4, 6] }
 */
export function compile<Inputs, Outputs>(
  name: string,
  body: (inputs: Inputs) => Outputs,
): (inputs: Arrays<Inputs>) => Promise<Arrays<Outputs>> {
  const built = new WeakMap<Engine, Map<string, Promise<Built>>>();

  return async (inputs) => {
    const engine = await activeEngine();
    const { arrays, paths, key } = flatten(inputs as Tree<NdArray>);
    const versions = built.get(engine) ?? new Map<string, Promise<Built>>();
    built.set(engine, versions);
    const version = versions.get(key) ?? build(engine, { name, paths, body, inputs, arrays });
    versions.set(key, version);
    const { run, outputs } = await version.then(async (made) => ({
      run: await made.run(arrays),
      outputs: made.outputs,
    }));
    let index = 0;
    return mapLeaves(
      outputs as Tree<object>,
      isTensor as (node: object) => boolean,
      () => run[index++] as NdArray,
    ) as Arrays<Outputs>;
  };
}

function flatten(inputs: Tree<NdArray>): { arrays: NdArray[]; paths: string[]; key: string } {
  const arrays: NdArray[] = [];
  const paths: string[] = [];
  mapLeaves(inputs, isNdArray, (array, path) => {
    arrays.push(array as NdArray);
    paths.push(path);
    return array;
  });
  return { arrays, paths, key: arrays.map((array, i) => `${paths[i]}:${array.shape.join('x')}`).join('|') };
}

interface BuildRequest<Inputs, Outputs> {
  readonly name: string;
  readonly paths: readonly string[];
  readonly body: (inputs: Inputs) => Outputs;
  readonly inputs: Arrays<Inputs>;
  readonly arrays: readonly NdArray[];
}

async function build<Inputs, Outputs>(engine: Engine, request: BuildRequest<Inputs, Outputs>): Promise<Built> {
  const { name, paths, body, inputs, arrays } = request;
  let outputs: Tree<Tensor>;
  const flat: FlatFunction = {
    name,
    inputPaths: paths,
    body: (tensors) => {
      let index = 0;
      const tree = mapLeaves(inputs as Tree<object>, isNdArray, () => tensors[index++] as object);
      outputs = body(tree as Inputs) as Tree<Tensor>;
      return leavesOf(outputs, isTensor);
    },
  };
  const run = await engine.build(flat, arrays);
  return {
    run,
    get outputs() {
      return outputs;
    },
  };
}
