/** What a compiled function becomes for each engine, each set of input shapes, and each number of calls at once. */

import { type Constants, constantsOf, haveConstants, identityOf } from './constants.ts';
import {
  activeEngine,
  type CallsInLanes,
  type Engine,
  type Executable,
  type ExecutableForMany,
  type FlatFunction,
} from './engine.ts';
import type { Steps } from './lockstep.ts';
import { type CallInputs, unflatten } from './ports.ts';
import { stacked, unstacked } from './stacks.ts';
import { type Body, buildVersion, type Version } from './version.ts';

/** As a function keeps it. */
interface Kept<Run = unknown> {
  readonly version: Promise<Version<Run>>;
  calls: number;
}

/** The version of the last single call: the next one mostly wants it again. */
interface Latest {
  readonly engine: Engine;
  readonly key: string;
  readonly constants: Constants;
  readonly kept: Kept<Executable>;
}

type InLanes = Engine & Required<Pick<Engine, 'buildInLanes'>>;
type ForMany = Engine & Required<Pick<Engine, 'buildForMany'>>;

const isInLanes = (engine: Engine): engine is InLanes => engine.buildInLanes !== undefined;
const isForMany = (engine: Engine): engine is ForMany => engine.buildForMany !== undefined;

export class Versions implements Steps<CallInputs> {
  private readonly name: string;
  private readonly body: Body;
  private constants: readonly string[];
  private readonly versions = new WeakMap<Engine, Map<string, Kept>>();
  private latest: Latest | undefined;
  /** How many versions were forgotten in a row after few calls. */
  private wasted = 0;

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
    const { run, outputs } = await this.versionForMany(engine, first);
    try {
      const results = await run(calls.map(({ leaves }) => leaves));
      return results.map((leaves) => unflatten(outputs(), leaves));
    } catch (error) {
      this.versions.get(engine)?.delete(keyForMany(first)); // a thread may have ended: the next call begins another
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
    if (latest?.engine === engine && latest.key === inputs.key && haveConstants(inputs, latest.constants)) {
      latest.kept.calls += 1;
      return latest.kept.version;
    }
    const constants = constantsOf(inputs, this.constants);
    const kept = this.known(engine, `${inputs.key} ${identityOf(constants)}`, () =>
      this.build(inputs, constants, (fn) => engine.build(fn, inputs.leaves)),
    );
    this.latest = { engine, key: inputs.key, constants, kept };
    kept.version.catch(() => {
      this.latest = undefined;
    });
    return kept.version;
  }

  private versionInLanes(engine: InLanes, inputs: CallInputs, lanes: CallsInLanes): Promise<Version<Executable>> {
    const constants = constantsOf(inputs, this.constants, lanes.differs);
    const key = `${inputs.key} ${lanes.count}: ${lanes.differs.map(Number).join('')} ${identityOf(constants)}`;
    return this.known(engine, key, () =>
      this.build(inputs, constants, (fn) => engine.buildInLanes(fn, inputs.leaves, lanes)),
    ).version;
  }

  private versionForMany(engine: ForMany, inputs: CallInputs): Promise<Version<ExecutableForMany>> {
    return this.known(engine, keyForMany(inputs), () =>
      this.build(inputs, [], (fn) => engine.buildForMany(fn, inputs.leaves)),
    ).version;
  }

  private known<Run>(engine: Engine, key: string, build: () => Promise<Version<Run>>): Kept<Run> {
    const versions = this.versions.get(engine) ?? new Map<string, Kept>();
    this.versions.set(engine, versions);
    const kept = (versions.get(key) as Kept<Run> | undefined) ?? { version: build(), calls: 0 };
    kept.calls += 1;
    versions.delete(key);
    versions.set(key, kept); // the last one used is the last of the map
    if (this.constants.length > 0) this.forgetOldest(versions);
    kept.version.catch(() => versions.delete(key)); // the next call tries again
    return kept;
  }

  /** Constants that change too often are built in no more: see `CompileOptions`. */
  private forgetOldest(versions: Map<string, Kept>): void {
    for (const [key, { calls }] of [...versions].slice(0, -mostKept)) {
      versions.delete(key);
      this.wasted = calls < fewCalls ? this.wasted + 1 : 0;
    }
    if (this.wasted < mostKept) return;
    this.constants = [];
    versions.clear();
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

const keyForMany = ({ key }: CallInputs) => `${key} for many`;

/** So many versions of a function with constants are kept: those of other constants are seldom asked for again. */
const mostKept = 16;

/** Building takes longer than constants gain in far more calls than these. */
const fewCalls = 16;
