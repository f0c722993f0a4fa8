/** Documents that comments and messages send a reader to. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('..', import.meta.url));

const sources = ['src', 'attacks', 'defenses', 'bench'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file)),
);

/** What the tool writes for its users has no place in the repository. */
const written = ['columns.md'];

describe('documents named in the sources', () => {
  it('are in the repository, under that name', () => {
    const named = sources.flatMap((file) => {
      const names = readFileSync(join(root, file), 'utf8').match(/(?<![\w./<])[\w-][\w./-]*\.md\b/g) ?? [];
      return names.map((name) => ({ file, name }));
    });
    expect(named.length).to.be.above(0);
    expect(named.filter(({ name }) => !written.includes(name) && !existsSync(join(root, name)))).to.deep.equal([]);
  });
});
