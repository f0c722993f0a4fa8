/** Which command, code and machine made a run: what does not change its figures, and what somebody needs who wants to make it again. */

import { execFileSync } from 'node:child_process';
import { cpus, platform, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Origin {
  /** The command, without `node`. */
  readonly argv: readonly string[];
  /** The version of cutlayer. */
  readonly cutlayer: string;
  /** Null where the code lies in no git checkout of its own. */
  readonly git: { readonly commit: string; readonly isDirty: boolean } | null;
  readonly node: string;
  readonly platform: string;
  readonly cpu: { readonly model: string; readonly count: number; readonly memoryMb: number };
  readonly jobs: number;
}

export function originOf({ argv, version, jobs }: { argv: readonly string[]; version: string; jobs: number }): Origin {
  const [cpu] = cpus();
  return {
    argv,
    cutlayer: version,
    git: gitCommit(),
    node: process.version,
    platform: `${platform()} ${release()} ${process.arch}`,
    cpu: { model: cpu?.model ?? 'unknown', count: cpus().length, memoryMb: Math.round(totalmem() / 2 ** 20) },
    jobs,
  };
}

/** The commit of the code, and whether files differ from it. */
function gitCommit(): Origin['git'] {
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
