/** What `cutlayer new` is going to write: decided as a whole before anything is. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../usage-error.ts';
import { attack } from './attack.ts';
import { attackTest } from './attack-test.ts';
import { withEntry } from './catalogue.ts';
import type { Clone } from './clone.ts';
import { defense } from './defense.ts';
import { defenseTest } from './defense-test.ts';
import { experiment } from './experiment.ts';
import { article, type Names, type NewKind, namesOf, requireFreeIdentifier } from './names.ts';

/** One whole file. */
export interface FileText {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

export interface Plan {
  /** Files that are not there yet. */
  readonly created: readonly FileText[];
  /** Files that are there, with their new text. */
  readonly changed: readonly FileText[];
}

export interface NewRequest {
  readonly kind: NewKind;
  readonly name: string;
  /** Where the command was called. */
  readonly folder: string;
  readonly clone: Clone | undefined;
  /** Names that are taken in the catalogue of this kind. */
  readonly taken: readonly string[];
}

/** @throws UsageError for a name that is wrong or taken, a file that is there, and a place where the kind can't be. */
export function planNew({ kind, name, folder, clone, taken }: NewRequest): Plan {
  const names = namesOf(kind, name);
  if (taken.includes(name)) throw new UsageError(`there is ${article(kind)} "${name}" already. Choose another name.`);
  if (kind !== 'experiment') return pluginPlan({ kind, names, root: rootOf(clone, kind) });
  const base = join(clone?.root ?? folder, 'experiments', name);
  requireAbsent([`${base}.yaml`, `${base}.yml`]);
  return { created: [{ path: `${base}.yaml`, text: experiment(names) }], changed: [] };
}

const skeletons = {
  attack: { code: attack, test: attackTest },
  defense: { code: defense, test: defenseTest },
};

interface PluginRequest {
  readonly kind: keyof typeof skeletons;
  readonly names: Names;
  readonly root: string;
}

function pluginPlan({ kind, names, root }: PluginRequest): Plan {
  const folder = join(root, `${kind}s`);
  const path = (suffix: string) => join(folder, `${names.name}${suffix}`);
  requireAbsent([path('.ts'), path('.test.ts'), path('')]);
  const index = join(folder, 'index.ts');
  const before = readFileSync(index, 'utf8');
  const { code, test } = skeletons[kind];
  requireFreeIdentifier(names, [before, code(nobody), test(nobody)]);
  return {
    created: [
      { path: path('.ts'), text: code(names) },
      { path: path('.test.ts'), text: test(names) },
    ],
    changed: [{ path: index, text: withEntry(before, { ...names, file: `${kind}s/index.ts` }) }],
  };
}

/** Stands where the name is going to: no identifier is like it. */
const nobody: Names = { name: '-', identifier: '', type: '' };

function rootOf(clone: Clone | undefined, kind: NewKind): string {
  if (clone) return clone.root;
  throw new UsageError(
    `${article(kind)} is added to cutlayer's own sources: its file, its test, and a line in ${kind}s/index.ts, which is all that ` +
      '"cutlayer run" knows. This folder is not in the clone that the command runs from, and an installed package has no sources. ' +
      `Clone the repository, and call "npm ci" and "npx cutlayer new ${kind} NAME" there. ` +
      'A program of your own can hand its own lists to executeRun (import it from "cutlayer"). "cutlayer new experiment NAME" works here.',
  );
}

function requireAbsent(paths: readonly string[]): void {
  const present = paths.find((path) => existsSync(path));
  if (present !== undefined)
    throw new UsageError(`"${present}" is there already and stays as it is. Choose another name.`);
}
