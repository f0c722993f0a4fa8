/** The reference of the experiment file, against the schema and the document. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { catalogues } from '../../cli/catalogues.ts';
import { loadExperiment } from './experiment.ts';
import { experimentReference, type KeyReference } from './reference.ts';
import { experimentKeys } from './schema.ts';

const reference = experimentReference(catalogues);
const page = readFileSync(new URL('../../../docs/experiment.md', import.meta.url), 'utf8');
const entryOf = (path: string) => reference.find((key) => key.path === path) as KeyReference;

describe('experimentReference', () => {
  it('has every top-level key, each once and with a sentence', () => {
    const tops = reference.map(({ path }) => path).filter((path) => !/[.[]/.test(path));
    expect(tops).to.deep.equal(experimentKeys);
    expect(new Set(reference.map(({ path }) => path)).size).to.equal(reference.length);
    for (const { path, description, allowed } of reference) {
      expect(description, path).to.match(/\w/);
      expect(allowed, path).to.match(/\w/);
    }
  });

  it('says whose a key is, and what differs between them', () => {
    expect(entryOf('trainer.partition.alpha')).to.deep.include({ of: ['dirichlet'], default: '0.5' });
    expect(entryOf('trainer.optimizer.learningRate')).to.deep.include({
      of: [],
      allowed: 'a number above 0',
      default: '0.05 (sgd, momentum); 0.001 (adam)',
    });
    expect(entryOf('trainer.partition.name')).to.include({ allowed: 'one of iid, dirichlet, shards', default: 'iid' });
    expect(entryOf('data.name').default).to.equal('required');
  });

  it('leaves the options of plug-ins to their own pages, but for those that mean the same in all', () => {
    const paths = reference.map(({ path }) => path);
    expect(paths).to.include.members(['attacks[].name', 'attacks[].view', 'attacks[].victims', 'defenses[].name']);
    expect(paths, 'ε of one release, of a training, of everything').not.to.include('defenses[].epsilon');
  });
});

describe('docs/experiment.md', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const keyOf = (row: string) => /^\| `(.*?)`/.exec(row)?.[1];

  it('has a row for every key of the schema, and for no other', () => {
    expect(rows.map(keyOf)).to.have.members(reference.map(({ path }) => path));
  });

  // A new model or attack changes what is allowed there, and is no reason to edit the page.
  for (const { path, of, allowed, default: preset } of reference.filter(({ catalogue }) => !catalogue)) {
    if (path === 'data.name') continue;
    it(`says of ${path} what the schema does`, () => {
      const owners = of.length > 0 ? ` (${of.join(', ')})` : '';
      const [, ...cells] = (rows.find((row) => keyOf(row) === path) ?? '').split('|').map((cell) => cell.trim());
      expect(cells.slice(0, 3)).to.deep.equal([`\`${path}\`${owners}`, allowed, preset || '–']);
    });
  }

  it('has an example that loads, of as many runs as it says', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cutlayer-'));
    try {
      const file = join(folder, 'example.yaml');
      writeFileSync(file, /```yaml\n(.*?)```/s.exec(page)?.[1] ?? '');
      expect((await loadExperiment(file, { catalogues })).runs).to.have.length(12);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
