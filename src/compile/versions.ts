/** What a compiled function becomes for each engine, each set of input shapes, and each number of calls at once. */

import type { NdArray, Tree } from '../contracts/array.ts';
import { activeEngine, type CallsInLanes, type Engine, type Executable, type FlatFunction } from './engine.ts';
import { explained } from './explain.ts';
import type { Steps } from './lockstep.ts';
import { type Flattened, flattenOutputs, type Slot, unflatten } from './ports.ts';
import { stacked, unstacked } from './stacks.ts';

/** Takes a tree of tensors to a tree of tensors. */
export type Body = (inputs: unknown) => unknown;

type Inputs = Flattened<NdArray>;

interface Version {
  readonly run: Executable;
  /** Structure of the outputs as the body last returned them. */
  readonly outputs: () => Tree<Slot>;
}

export class Versions implements Steps<Inputs> {
  private readonly name: string;
  private readonly body: Body;
  private readonly versions = new WeakMap<Engine, Map<string, Promise<Version>>>();

  constructor(name: string, body: Body) {
    this.name = name;
    this.body = body;
  }

  keyOf({ leaves, paths }: Inputs): string {
    return leaves.map(({ shape }, index) => `${paths[index]}:${shape.join('x')}`).join('|');
  }

  async call(inputs: Inputs): Promise<unknown> {
    const { run, outputs } = await this.version(await activeEngine(), inputs);
    const results = await run(inputs.leaves);
    return unflatten(outputs(), results); // whose structure an eager engine only knows now
  }

  /** An array that is the same object in all calls goes into the graph once. */
  async callTogether(calls: readonly Inputs[], width: number): Promise<readonly unknown[]> {
    const engine = await activeEngine();
    const [first] = calls;
    const lanes = Array.from({ length: width }, (_, lane) => calls[lane] ?? first);
    const columns = first.leaves.map((_, index) => lanes.map(({ leaves }) => leaves[index]));
    const differs = columns.map((arrays) => arrays.some(({ data }) => data !== arrays[0].data));
    if (!engine.buildInLanes || !differs.includes(true)) return this.oneByOne(calls);
    const { run, outputs } = await this.version(engine, first, { count: width, differs });
    const results = await run(columns.map((arrays, index) => (differs[index] ? stacked(arrays) : arrays[0])));
    const byOutput = results.map(unstacked);
    const resultsOf = (call: number) => byOutput.map((parts) => parts[call]);
    return calls.map((_, call) => unflatten(outputs(), resultsOf(call)));
  }

  private async oneByOne(calls: readonly Inputs[]): Promise<readonly unknown[]> {
    const results: unknown[] = [];
    for (const inputs of calls) results.push(await this.call(inputs));
    return results;
  }

  private version(engine: Engine, inputs: Inputs, lanes?: CallsInLanes): Promise<Version> {
    const versions = this.versions.get(engine) ?? new Map<string, Promise<Version>>();
    this.versions.set(engine, versions);
    const key = `${this.keyOf(inputs)}${lanes ? ` ${lanes.count}: ${lanes.differs.map(Number).join('')}` : ''}`;
    const version = versions.get(key) ?? this.build(engine, inputs, lanes);
    versions.set(key, version);
    version.catch(() => versions.delete(key)); // the next call tries again
    return version;
  }

  private async build(engine: Engine, { leaves, structure: inputs }: Inputs, lanes?: CallsInLanes): Promise<Version> {
    // Only the structure: what is kept must not keep the arrays of the first call.
    const { name, body } = this;
    let structure: Tree<Slot>;
    const flatBody: FlatFunction['body'] = (tensors) => {
      try {
        const outputs = flattenOutputs(name, body(unflatten(inputs, tensors)));
        structure = outputs.structure;
        return outputs.leaves;
      } catch (error) {
        throw explained(name, error);
      }
    };
    const fn = { name, body: flatBody };
    const run = await (lanes && engine.buildInLanes
      ? engine.buildInLanes(fn, leaves, lanes)
      : engine.build(fn, leaves));
    return { run, outputs: () => structure };
  }
}
