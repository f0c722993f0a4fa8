/** Everything besides configuration and data that may change the bytes of a result: what is kept under other conditions is made anew. */

import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import type { EngineName } from '../../compile/engine.ts';
import type { RngSource } from '../../contracts/rng.ts';
import { codeId } from './code-id.ts';

export interface Conditions {
  readonly code: string;
  readonly engine: string;
  /** Of the packages that compute or draw: their kernels and streams may change with any release. */
  readonly versions: Readonly<Record<string, string>>;
  readonly threads: number;
  /** ONNX Runtime's execution provider, where it is another than the processor. */
  readonly device?: string | undefined;
  readonly noise: RngSource;
  /** Its major version, with which come V8 and its `Math.exp`. */
  readonly node: string;
  /** Kernels are chosen by the instructions that the processor has. */
  readonly cpu: string;
  /** Where data files were; their checksums count, not their place. */
  readonly dataDir?: string | undefined;
}

export interface Computing {
  readonly engine: EngineName;
  readonly threads: number;
  readonly device?: string | undefined;
  readonly noise: RngSource;
  readonly dataDir?: string | undefined;
}

export function conditionsOf({ engine, threads, device = 'cpu', noise, dataDir }: Computing): Conditions {
  return {
    ...{ code: codeId(), engine, versions: versionsOf(engine), threads, noise },
    ...(device !== 'cpu' && { device }), // so that results of the processor stay known as what they are
    node: process.versions.node.split('.')[0] ?? '',
    cpu: `${cpus()[0]?.model.trim() ?? 'unknown'} (${process.platform} ${process.arch})`,
    dataDir,
  };
}

/** Whether what was made under the one is what would be made under the other. */
export function areSame(a: Conditions, b: Conditions): boolean {
  return JSON.stringify({ ...a, dataDir: undefined }) === JSON.stringify({ ...b, dataDir: undefined });
}

/** Such as `cpu "A", now "B"`: what differs in the machine and its packages, where code and request are the same. */
export function otherMachine(then: Conditions, now: Conditions): string[] {
  const { versions, node, cpu } = then;
  if (!areSame({ ...now, versions, node, cpu }, then)) return [];
  return (['versions', 'node', 'cpu'] as const)
    .map((part) => [part, JSON.stringify(then[part]), JSON.stringify(now[part])] as const)
    .filter(([, before, after]) => before !== after)
    .map(([part, before, after]) => `${part} ${before}, now ${after}`);
}

const engineOf: Readonly<Record<EngineName, readonly string[]>> = {
  onnx: ['onnxruntime-node'],
  tensorflow: ['@tensorflow/tfjs-node'],
  cpu: ['@tensorflow/tfjs-backend-cpu'],
};

function versionsOf(engine: EngineName): Record<string, string> {
  const packages = ['@tensorflow/tfjs-core', 'pure-rand', ...engineOf[engine]];
  return Object.fromEntries(packages.map((name) => [name, versionOf(name)]));
}

/** An engine may not be there; whoever asks for it is told so when it is loaded. */
function versionOf(name: string): string {
  try {
    return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
  } catch {
    return 'not installed';
  }
}
