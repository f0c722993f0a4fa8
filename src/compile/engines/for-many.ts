/** Several calls of a graph at once: some on the main thread, the others on those beside it. */

import { sizeOf } from '../../arrays/ndarray.ts';
import type { NdArray } from '../../contracts/array.ts';
import type { Executable, ExecutableForMany } from '../engine.ts';
import { explained } from '../explain.ts';
import type { TracedModel } from '../graph/trace.ts';
import { whenAllEnded } from '../when-all-ended.ts';
import type { Program } from './onnx-worker.ts';
import type { RunOnThread, SideThreads } from './side-threads.ts';

export interface GraphForMany {
  readonly model: TracedModel & { readonly name: string };
  readonly inputShapes: readonly NdArray['shape'][];
  /** Of the sessions beside. */
  readonly options: Program['options'];
  /** The graph on the main thread. */
  readonly own: Executable;
}

/** Each thread takes calls that follow each other, of which all have as many or one more. */
export async function forMany(graph: GraphForMany, threads: SideThreads): Promise<ExecutableForMany> {
  const { own, model } = graph; // the graph's bytes are not kept
  try {
    const beside = (await threads.load(programOf(graph))).map((run) => executable(model, run));
    const runners = [own, ...beside];
    return async (calls) => {
      const bound = (runner: number) => Math.floor((runner * calls.length) / runners.length);
      const shares = runners.map((_, runner) => calls.slice(bound(runner), bound(runner + 1)));
      // The main thread last: it computes nothing while it hands out, and hands out nothing while it computes.
      const others = beside.map((run, index) => whenAllEnded(shares[index + 1].map(run)));
      return (await whenAllEnded([oneByOne(own, shares[0]), ...others])).flat();
    };
  } catch (error) {
    throw explained(model.name, error);
  }
}

async function oneByOne(run: Executable, calls: readonly (readonly NdArray[])[]): Promise<(readonly NdArray[])[]> {
  const results: (readonly NdArray[])[] = [];
  for (const inputs of calls) results.push(await run(inputs));
  return results;
}

function programOf({ model, inputShapes, options }: GraphForMany): Program {
  const inputs = model.inputNames.map((name, index) => ({ name, shape: inputShapes[index] }));
  const { bytes, needed } = model;
  return { bytes, options, inputs: inputs.filter((_, index) => needed[index]), results: resultsOf(model) };
}

function resultsOf({ outputs }: TracedModel): string[] {
  return [...new Set(outputs.map(({ result }) => result))];
}

function executable(model: GraphForMany['model'], run: RunOnThread): Executable {
  const { name, needed, outputs } = model;
  const placeOf = new Map(resultsOf(model).map((result, index) => [result, index]));
  return async (inputs) => {
    try {
      const results = await run(inputs.filter((_, index) => needed[index]).map(({ data }) => data));
      return outputs.map(({ result, start, shape }) => {
        const data = results[placeOf.get(result) as number];
        return { shape, data: data.subarray(start, start + sizeOf(shape)) };
      });
    } catch (error) {
      throw explained(name, error);
    }
  };
}
