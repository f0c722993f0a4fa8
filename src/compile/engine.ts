/**
 * Engines run what `compile` was given. One is active in a process; it is chosen by name, recorded with every result,
 * and never swapped for another: one that does not load is an error that names the others.
 */

import type { NdArray } from '../contracts/array.ts';
import { cpuEngine } from './engines/cpu.ts';
import { onnxEngineOn } from './engines/onnx.ts';
import { remedyFor } from './engines/remedy.ts';
import { tensorflowEngine } from './engines/tensorflow.ts';

export const engineNames = ['onnx', 'tensorflow', 'cpu'] as const;
export type EngineName = (typeof engineNames)[number];

export interface EngineOptions {
  /** Threads of one run; default 1. */
  readonly threads?: number | undefined;
  /** Of engine `onnx`: ONNX Runtime's execution provider (`cpu`, `cuda`, `webgpu`, …); default `cpu`. */
  readonly device?: string | undefined;
}

/** The body of a compiled function over flat lists of tensors; `run` builds or computes its outputs. */
export interface FlatFunction {
  readonly name: string;
  readonly body: (inputs: readonly object[]) => readonly object[];
}

/** Several calls of a function at once. */
export interface CallsInLanes {
  readonly count: number;
  /** For each input, whether it differs between the calls: it then comes with the calls as axis 0. */
  readonly differs: readonly boolean[];
  /** For each input, whether it is a constant of single calls: mostly the same array when the function is called again (for others, what depends on it is computed again). */
  readonly stays: readonly boolean[];
}

/** The function made ready for the input shapes that it was built with. What it returns belongs to the caller. */
export type Executable = (inputs: readonly NdArray[]) => Promise<readonly NdArray[]>;

/** The same for several calls at once: what it returns is in the order of the calls. */
export type ExecutableForMany = (calls: readonly (readonly NdArray[])[]) => Promise<readonly (readonly NdArray[])[]>;

export interface Engine {
  readonly name: EngineName;
  readonly threads: number;
  readonly device: string;
  /** Versions of what computes, for the provenance of a result. */
  readonly versions: Readonly<Record<string, string>>;
  build(fn: FlatFunction, examples: readonly NdArray[]): Promise<Executable>;
  /**
   * The function for several calls at once; outputs have the calls as axis 0. `examples` are those of a single call.
   * An engine without it computes one call after the other.
   */
  readonly buildInLanes?: (fn: FlatFunction, examples: readonly NdArray[], lanes: CallsInLanes) => Promise<Executable>;
  /**
   * The function for any number of calls of the same shapes, computed at the same time on as many threads as the engine has, each call
   * on one. Which thread computes a call changes nothing in its results. Left out by an engine with one thread, or that cannot do it.
   */
  readonly buildForMany?: (fn: FlatFunction, examples: readonly NdArray[]) => Promise<ExecutableForMany>;
}

let active: Promise<Engine> | undefined;

/** Loads an engine and makes it the active one. Throws where it does not load; the active one then stays. */
export async function useEngine(name: EngineName, options: EngineOptions = {}): Promise<Engine> {
  const engine = await loadEngine(name, options);
  active = Promise.resolve(engine);
  return engine;
}

/** The active engine; `onnx` with one thread where none was chosen. */
export function activeEngine(): Promise<Engine> {
  active ??= loadEngine('onnx', {});
  return active;
}

/** Each loads its library when it is called, not before. */
const loaders: Readonly<Record<EngineName, (threads: number, device: string) => Engine | Promise<Engine>>> = {
  onnx: (threads, device) => onnxEngineOn(device, threads),
  tensorflow: tensorflowEngine,
  cpu: cpuEngine,
};

/** One engine for each name, number of threads and device, so that what was built for it stays. */
const loaded = new Map<string, Engine>();

async function loadEngine(name: EngineName, { threads = 1, device = 'cpu' }: EngineOptions): Promise<Engine> {
  if (!engineNames.includes(name)) {
    throw new RangeError(`engine must be one of ${engineNames.join(', ')}, but is "${name}".`);
  }
  if (!(Number.isInteger(threads) && threads > 0)) {
    throw new RangeError(`threads must be a whole number from 1 on, but is ${threads}.`);
  }
  if (name !== 'onnx' && device !== 'cpu') {
    throw new RangeError(`engine "${name}" computes on device cpu only, but device is "${device}". Use engine "onnx".`);
  }
  const key = `${name} ${threads} ${device}`;
  try {
    const engine = loaded.get(key) ?? (await loaders[name](threads, device));
    loaded.set(key, engine);
    return engine;
  } catch (cause) {
    const others = engineNames.filter((other) => other !== name).join('" and "');
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `engine "${name}" does not load: ${reason.trim()}\n${remedyFor(name)}\nOther engines are "${others}".`,
      { cause },
    );
  }
}
