/** The clone of the repository that this command runs from, as source or as built. */

import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Clone {
  readonly root: string;
  /** The command runs from `dist`, which shows what is new only after it is built again. */
  readonly isBuilt: boolean;
}

/** Undefined where the command comes from an installed package, or `folder` lies outside of its clone. */
export function cloneAround(folder: string): Clone | undefined {
  const here = fileURLToPath(import.meta.url);
  const isBuilt = here.endsWith('.js');
  const root = fileURLToPath(new URL(isBuilt ? '../../../../' : '../../../', import.meta.url));
  if (!isClone(root)) return undefined;
  const real = realpathSync(root);
  const inside = relative(real, realpathSync(folder));
  return inside.startsWith('..') || isAbsolute(inside) ? undefined : { root: real, isBuilt };
}

/** An installed package has neither sources nor tests. */
function isClone(root: string): boolean {
  const files = ['package.json', 'attacks/index.ts', 'defenses/index.ts'].map((file) => join(root, file));
  if (!files.every((file) => existsSync(file))) return false;
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name?: string }).name === 'cutlayer';
}
