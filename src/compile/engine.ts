/**
 * Engines run what `compile` was given. One is active in a process; it is chosen by name, recorded with every result,
 * and never swapped for another: one that does not load is an error that names the others.
 */

import type { NdArray } from '../contracts/array.ts';

export const engineNames = ['onnx', 'tensorflow', 'cpu'] as const;
export type EngineName = (typeof engineNames)[number];

export interface EngineOptions {
  /** Threads of one run; default 1. */
  readonly threads?: number;
}

/** The body of a compiled function over flat lists of tensors; `run` builds or computes its outputs. */
export interface FlatFunction {
  readonly name: string;
  /** Path of each input in the caller's tree, for error messages. */
  readonly inputPaths: readonly string[];
  readonly body: (inputs: readonly object[]) => readonly object[];
}

/** The function made ready for the input shapes that it was built with. */
export type Executable = (inputs: readonly NdArray[]) => Promise<readonly NdArray[]>;

export interface Engine {
  readonly name: EngineName;
  readonly threads: number;
  /** Versions of what computes, for the provenance of a result. */
  readonly versions: Readonly<Record<string, string>>;
  build(fn: FlatFunction, examples: readonly NdArray[]): Promise<Executable>;
}

let active: Engine | undefined;

/** Loads an engine and makes it the active one. Throws where it does not load. */
export async function useEngine(name: EngineName, options: EngineOptions = {}): Promise<Engine> {
  active = await loadEngine(name, options);
  return active;
}

/** The active engine; `onnx` with one thread where none was chosen. */
export async function activeEngine(): Promise<Engine> {
  active ??= await loadEngine('onnx', {});
  return active;
}

async function loadEngine(name: EngineName, options: EngineOptions): Promise<Engine> {
  const threads = options.threads ?? 1;
  switch (name) {
    case 'cpu':
      return (await import('./engines/cpu.ts')).cpuEngine(threads);
    case 'onnx':
      return (await import('./engines/onnx.ts')).onnxEngine(threads);
    case 'tensorflow':
      return (await import('./engines/cpu.ts')).cpuEngine(threads);
  }
}
