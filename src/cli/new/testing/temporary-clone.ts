/** A copy of the sources in which tests may write, with the packages of the original. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const original = fileURLToPath(new URL('../../../../', import.meta.url));
const copied = ['src', 'attacks', 'defenses', 'bench', 'experiments', 'package.json', 'tsconfig.json', 'biome.json'];

/** Its root; who makes one removes it. */
export function temporaryClone(): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'cutlayer-clone-')));
  for (const entry of copied) cpSync(join(original, entry), join(root, entry), { recursive: true });
  symlinkSync(join(original, 'node_modules'), join(root, 'node_modules'), 'junction');
  return root;
}

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Node in a folder. */
export function nodeIn(folder: string, args: readonly string[]): Outcome {
  return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
}

/** The command of a clone, called in a folder: in the clone itself where none is named. */
export function cutlayerOf(root: string, args: readonly string[], folder = root): Outcome {
  const loader = join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs');
  return nodeIn(folder, ['--import', loader, join(root, 'src', 'cli', 'main.ts'), ...args]);
}
