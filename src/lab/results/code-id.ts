/** Which code ran: results of other code are not taken for results of this one. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

let known: string | undefined;

/**
 * The first 12 hexadecimal digits of the SHA-256 of all source files below src, attacks and defenses, as they run here. Read once
 * a process: it goes on with the code that it started with.
 */
export function codeId(): string {
  known ??= hashOfSources();
  return known;
}

function hashOfSources(): string {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
  const own = extname(fileURLToPath(import.meta.url));
  const hash = createHash('sha256');
  for (const file of ['src', 'attacks', 'defenses'].flatMap((folder) => filesBelow(join(root, folder), own))) {
    hash.update(relative(root, file)).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 12);
}

function filesBelow(folder: string, extension: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => extname(name) === extension && !name.endsWith(`.test${extension}`))
    .sort()
    .map((name) => join(folder, name));
}
