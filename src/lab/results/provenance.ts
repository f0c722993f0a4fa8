/** How results were made: everything that somebody would need who wants to make them again. */

import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpus, platform, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunResult } from '../../contracts/experiment.ts';
import type { Conditions } from './store.ts';

export interface ProvenanceInputs {
  readonly conditions: Conditions;
  readonly engineVersions: Readonly<Record<string, string>>;
  readonly version: string;
  readonly argv: readonly string[];
  readonly jobs: number;
  readonly results: readonly RunResult[];
}

export function provenanceOf({ conditions, engineVersions, version, argv, jobs, results }: ProvenanceInputs): object {
  const [cpu] = cpus();
  return {
    written: new Date().toISOString(),
    argv,
    cutlayer: version,
    code: conditions.code,
    git: gitCommit(),
    engine: { name: conditions.engine, threads: conditions.threads, versions: engineVersions },
    tfjs: (createRequire(import.meta.url)('@tensorflow/tfjs-core/package.json') as { version: string }).version,
    node: process.version,
    platform: `${platform()} ${release()} ${process.arch}`,
    cpu: { model: cpu?.model ?? 'unknown', count: cpus().length, memoryMb: Math.round(totalmem() / 2 ** 20) },
    jobs,
    noise: conditions.noise,
    seeds: [...new Set(results.map(({ config }) => config.seed))],
    data: dataFilesOf(results),
  };
}

/** Each file once. Data sets of one format have files of the same names, so the data set is named as well. */
function dataFilesOf(results: readonly RunResult[]): object[] {
  const files = results.flatMap(({ config, dataFiles }) =>
    dataFiles.map(({ file, sha256 }) => ({ dataset: config.data.name, file, sha256 })),
  );
  return [...new Map(files.map((entry) => [JSON.stringify(entry), entry])).values()];
}

/** The commit of the code, and whether files differ from it; null where the code lies in no git checkout of its own. */
function gitCommit(): { readonly commit: string; readonly isDirty: boolean } | null {
  const cwd = dirname(fileURLToPath(import.meta.url));
  if (cwd.split(/[\\/]/).includes('node_modules')) return null; // the commit of somebody else's project
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return { commit: git('rev-parse', 'HEAD'), isDirty: git('status', '--porcelain') !== '' };
  } catch {
    return null; // no git, or no checkout: said so in the file
  }
}
