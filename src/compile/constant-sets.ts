/** The versions of a compiled function by the constants that are built into them; those of constants that change too often are forgotten. */

import { type Constants, identityOf } from './constants.ts';
import type { Engine } from './engine.ts';
import type { Version } from './version.ts';

/** So many sets are kept: others than the last ones are seldom asked for again. */
const mostKept = 16;

/** Building takes longer than constants gain in far more calls than these. */
const fewCalls = 16;

/** Of all engines: how constants change is a matter of the caller. */
export class ConstantSets {
  /** By their identities, in the order of their last calls. */
  private readonly sets = new Map<string, ConstantSet>();
  /** How many were forgotten in a row after few calls. */
  private wasted = 0;

  /** Whether constants are built in no more: see `CompileOptions`. */
  get changeTooOften(): boolean {
    return this.wasted >= mostKept;
  }

  /** Is asked once for each call. */
  of(constants: Constants): ConstantSet {
    const identity = identityOf(constants);
    const set = this.sets.get(identity) ?? new ConstantSet();
    this.sets.delete(identity);
    this.sets.set(identity, set); // the last one used is the last of the map
    if (this.sets.size > mostKept) this.forgetOldest();
    set.calls += 1;
    return set;
  }

  private forgetOldest(): void {
    const [[identity, { calls }]] = this.sets;
    this.sets.delete(identity);
    this.wasted = calls < fewCalls ? this.wasted + 1 : 0;
    if (this.changeTooOften) this.sets.clear();
  }
}

/** The versions that have the same constants built in. */
export class ConstantSet {
  /** Of any of them. */
  calls = 0;
  private readonly versions = new WeakMap<Engine, Map<string, Promise<Version>>>();

  /** @param key Of the calls that one graph serves. */
  version<Run>(engine: Engine, key: string, build: () => Promise<Version<Run>>): Promise<Version<Run>> {
    const versions = this.versions.get(engine) ?? new Map<string, Promise<Version>>();
    this.versions.set(engine, versions);
    const known = versions.get(key);
    if (known) return known as Promise<Version<Run>>;
    const version = build();
    versions.set(key, version);
    version.catch(() => versions.delete(key)); // the next call tries again
    return version;
  }

  forget(engine: Engine, key: string): void {
    this.versions.get(engine)?.delete(key);
  }
}
