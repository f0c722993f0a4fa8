/** What a compiled function becomes for each set of constants, engine, set of input shapes, and number of calls at once. */

import { type ConstantSet, ConstantSets } from './constant-sets.ts';
import { areConstant, type Constants, constantsOf, haveConstants } from './constants.ts';
import { activeEngine, type CallsInLanes, type Engine, type Executable, type FlatFunction } from './engine.ts';
import type { Steps } from './lockstep.ts';
import { type CallInputs, unflatten } from './ports.ts';
import { stacked, unstacked } from './stacks.ts';
import { type Body, buildVersion, type Version } from './version.ts';

/** The version of the last single call: the next one mostly wants it again. */
interface Latest {
  readonly engine: Engine;
  readonly key: string;
  readonly constants: Constants;
  readonly set: ConstantSet;
  readonly version: Promise<Version<Executable>>;
}

type InLanes = Engine & Required<Pick<Engine, 'buildInLanes'>>;
type ForMany = Engine & Required<Pick<Engine, 'buildForMany'>>;

const isInLanes = (engine: Engine): engine is InLanes => engine.buildInLanes !== undefined;
const isForMany = (engine: Engine): engine is ForMany => engine.buildForMany !== undefined;

export class Versions implements Steps<CallInputs> {
  private readonly name: string;
  private readonly body: Body;
  private readonly constants: readonly string[];
  private readonly sets = new ConstantSets();
  private latest: Latest | undefined;

  /** @param constants See `CompileOptions`. */
  constructor(name: string, body: Body, constants: readonly string[] = []) {
    this.name = name;
    this.body = body;
    this.constants = constants;
  }

  keyOf({ key }: CallInputs): string {
    return key;
  }

  async call(inputs: CallInputs): Promise<unknown> {
    const { run, outputs } = await this.version(await activeEngine(), inputs);
    const results = await run(inputs.leaves);
    return unflatten(outputs(), results); // whose structure an eager engine only knows now
  }

  /** An array that is the same object in all calls goes into the graph once. */
  async callTogether(calls: readonly CallInputs[], width: number): Promise<readonly unknown[]> {
    const engine = await activeEngine();
    const [first] = calls;
    const lanes = Array.from({ length: width }, (_, lane) => calls[lane] ?? first);
    const columns = first.leaves.map((_, index) => lanes.map(({ leaves }) => leaves[index]));
    const differs = columns.map((arrays) => arrays.some(({ data }) => data !== arrays[0].data));
    if (!isInLanes(engine) || !differs.includes(true)) return this.oneByOne(calls);
    const { run, outputs } = await this.versionInLanes(engine, first, { count: width, differs });
    const results = await run(columns.map((arrays, index) => (differs[index] ? stacked(arrays) : arrays[0])));
    const byOutput = results.map(unstacked);
    const resultsOf = (call: number) => byOutput.map((parts) => parts[call]);
    return calls.map((_, call) => unflatten(outputs(), resultsOf(call)));
  }

  /** At the same time where the engine can, and they are of the same shapes; results in the order of the calls. */
  async callEach(calls: readonly CallInputs[]): Promise<readonly unknown[]> {
    const engine = await activeEngine();
    const [first, ...others] = calls;
    const isSame = others.length > 0 && others.every(({ key }) => key === first.key);
    if (!isSame || !isForMany(engine)) return this.oneByOne(calls);
    const [set, key] = [this.sets.of([]), `${first.key} for many`];
    const build = () => this.build(first, [], (fn) => engine.buildForMany(fn, first.leaves));
    const { run, outputs } = await set.version(engine, key, build);
    try {
      const results = await run(calls.map(({ leaves }) => leaves));
      return results.map((leaves) => unflatten(outputs(), leaves));
    } catch (error) {
      set.forget(engine, key); // a thread may have ended: the next call begins another
      throw error;
    }
  }

  private async oneByOne(calls: readonly CallInputs[]): Promise<readonly unknown[]> {
    const results: unknown[] = [];
    for (const inputs of calls) results.push(await this.call(inputs));
    return results;
  }

  private version(engine: Engine, inputs: CallInputs): Promise<Version<Executable>> {
    const { latest } = this;
    const { key } = inputs;
    if (latest?.engine === engine && latest.key === key && haveConstants(inputs, latest.constants)) {
      latest.set.calls += 1;
      return latest.version;
    }
    const constants = constantsOf(inputs, this.areConstant(inputs));
    const set = this.sets.of(constants);
    const build = () => this.build(inputs, constants, (fn) => engine.build(fn, inputs.leaves));
    const version = set.version(engine, key, build);
    this.latest = { engine, key, constants, set, version };
    version.catch(() => {
      this.latest = undefined;
    });
    return version;
  }

  private versionInLanes(
    engine: InLanes,
    inputs: CallInputs,
    { count, differs }: Omit<CallsInLanes, 'stays'>,
  ): Promise<Version<Executable>> {
    const isConstant = this.areConstant(inputs);
    const shared = isConstant.map((own, index) => own && !differs[index]);
    const constants = constantsOf(inputs, shared);
    const lanes = { count, differs, stays: differs.map((isOfLane, index) => isOfLane && isConstant[index]) };
    const key = `${inputs.key} ${count}: ${differs.map(Number).join('')}`;
    const build = () => this.build(inputs, constants, (fn) => engine.buildInLanes(fn, inputs.leaves, lanes));
    return this.sets.of(constants).version(engine, key, build);
  }

  private areConstant(inputs: CallInputs): readonly boolean[] {
    return areConstant(inputs, this.sets.changeTooOften ? [] : this.constants);
  }

  private build<Run>(
    { structure: inputs }: CallInputs,
    constants: Constants,
    make: (fn: FlatFunction) => Promise<Run>,
  ): Promise<Version<Run>> {
    const { name, body } = this;
    return buildVersion({ name, body, inputs, constants }, make);
  }
}
