/** What is allowed of IDX files, and yet may not be what their owner thinks. */

import type { DataFile } from '../contracts/dataset.ts';
import type { IdxSource } from './idx.ts';

export interface ReadFiles {
  readonly files: readonly DataFile[];
  readonly classes: number;
  /** Of every split. */
  readonly labels: readonly Uint8Array[];
}

/** Files other than the published ones under a published name; classes without an example in the user's own files. */
export function idxWarnings(source: IdxSource, read: ReadFiles): string[] {
  return source.published ? otherFiles(source, read) : emptyClasses(source, read);
}

function otherFiles({ name, dir, published }: IdxSource, { files }: ReadFiles): string[] {
  const others = files.filter(({ file, sha256 }) => published?.checksums[file] !== sha256).map(({ file }) => file);
  if (others.length === 0) return [];
  return [
    `data set "${name}": ${others.join(', ')} in ${dir} ${others.length === 1 ? 'is not the published file' : 'are not the published files'}` +
      ` (by SHA-256), so results cannot be compared with others of "${name}". provenance.json keeps the checksums.`,
  ];
}

const shownClasses = 10;

/** The model has an output for each of them all the same, which no example ever asks for. */
function emptyClasses({ name, dir }: IdxSource, { classes, labels }: ReadFiles): string[] {
  const present = new Set(labels.flatMap((split) => [...new Set(split)]));
  const empty = Array.from({ length: classes }, (_, label) => label).filter((label) => !present.has(label));
  if (empty.length === 0) return [];
  const listed = empty.slice(0, shownClasses).join(', ') + (empty.length > shownClasses ? ', …' : '');
  return [
    `data set "${name}": ${empty.length} of the classes 0 to ${classes - 1} have no example in ${dir}: ${listed}.` +
      ' Number classes from 0 without gaps, unless this is meant.',
  ];
}
