/** What `cutlayer new` refuses, and that it then writes nothing. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../usage-error.ts';
import { withEntry } from './catalogue.ts';
import { cloneAround } from './clone.ts';
import type { NewKind } from './names.ts';
import { type NewRequest, planNew } from './plan.ts';
import { cutlayerOf } from './testing/temporary-clone.ts';
import { writePlan } from './write.ts';

const repository = process.cwd();

describe('cutlayer new', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutlayer-new-'));
    for (const plugins of ['attacks', 'defenses']) {
      mkdirSync(join(folder, plugins));
      writeFileSync(join(folder, plugins, 'index.ts'), readFileSync(join(repository, plugins, 'index.ts')));
    }
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const everything = () =>
    readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'utf8')]);

  /** Plans in the folder as if it were a clone. */
  const plan = (kind: NewKind, name: string, given: Partial<NewRequest> = {}) =>
    planNew({ kind, name, folder, clone: { root: folder, isBuilt: false }, taken: [], ...given });

  for (const name of [
    'MyAttack',
    'my_attack',
    '-mine',
    'mine-',
    'my--attack',
    '../mine',
    'a b',
    '',
    'é',
    'x'.repeat(31),
  ]) {
    it(`refuses the name "${name}" for anything`, () => {
      for (const kind of ['attack', 'defense', 'experiment'] as const) {
        expect(() => plan(kind, name), kind).to.throw(UsageError, /lower-case letters.*single dashes.*30 characters/);
      }
    });
  }

  it('takes digits for experiments only: contract suites want names of letters', () => {
    expect(plan('experiment', 'mnist-2').created).to.have.lengthOf(1);
    expect(() => plan('attack', 'grnn-2')).to.throw(UsageError, /must be lower-case letters with/);
  });

  it('refuses a name whose identifier means something already', () => {
    for (const name of ['delete', 'adam', 'compile', 'attacks', 'attack-entry', 'with-defaults', 'deep-leakage']) {
      const refusal = () => plan('attack', name);
      if (name === 'attack-entry')
        expect(refusal).not.to.throw(); // attackEntry is not the type AttackEntry
      else
        expect(refusal, name).to.throw(UsageError, /which TypeScript, the skeleton or the catalogue uses already.*my-/);
    }
    expect(() => plan('defense', 'noisy')).to.throw(UsageError, /my-noisy/);
  });

  it('refuses a name of the catalogue', () => {
    expect(() => plan('attack', 'mine', { taken: ['mine'] })).to.throw(UsageError, /is an attack "mine" already/);
  });

  it('never touches a file that is there', () => {
    mkdirSync(join(folder, 'experiments'));
    for (const [kind, file] of [
      ['attack', 'attacks/mine.ts'],
      ['attack', 'attacks/mine.test.ts'],
      ['defense', 'defenses/mine.test.ts'],
      ['experiment', 'experiments/mine.yaml'],
      ['experiment', 'experiments/mine.yml'],
    ] as const) {
      const path = join(folder, file);
      writeFileSync(path, 'mine');
      const before = everything();
      expect(() => plan(kind, 'mine'), file).to.throw(UsageError, /is there already and stays as it is/);
      expect(everything()).to.deep.equal(before);
      rmSync(path);
    }
  });

  it('takes back what it wrote where the rest cannot be written', () => {
    const before = everything();
    const { created, changed } = plan('attack', 'mine');
    mkdirSync(join(folder, 'attacks', `index.ts.${process.pid}.tmp`)); // in the way of the catalogue's new text
    expect(() => writePlan({ created, changed })).to.throw(UsageError, /Nothing was written/);
    expect(everything()).to.deep.equal(before);
    expect(existsSync(join(folder, 'attacks', 'mine.ts'))).to.equal(false);
  });

  it('refuses a catalogue that is laid out otherwise, and says what it looks for', () => {
    const index = readFileSync(join(repository, 'attacks', 'index.ts'), 'utf8');
    const own = { file: 'attacks/index.ts', name: 'mine', identifier: 'mine', type: 'Mine' };
    for (const text of [index.replace('= [', '= list(['), index.replace(/^import \{.*\n/gm, '')]) {
      expect(() => withEntry(text, own)).to.throw(UsageError, /attacks\/index\.ts must have one block of imports/);
    }
  });

  it('keeps all entries, the new one last, however many there are', () => {
    const names = Array.from({ length: 26 }, (_, i) => `${String.fromCharCode(122 - i)}-attack`);
    const before = readFileSync(join(repository, 'attacks', 'index.ts'), 'utf8');
    const after = names.reduce((text, name) => {
      const identifier = `${name[0]}Attack`;
      return withEntry(text, { file: 'attacks/index.ts', name, identifier, type: '' });
    }, before);
    const listed = (text: string) => /\[\]? = \[([^\]]*)\]/.exec(text)?.[1]?.match(/\w+/g) ?? [];
    expect(listed(after)).to.deep.equal([...listed(before), ...names.map((name) => `${name[0]}Attack`)]);
    const imported = [...after.matchAll(/from '(\.\/.*)\.ts'/g)].map(([, source]) => source);
    expect(imported).to.deep.equal([...imported].sort());
    for (const line of after.split('\n')) expect(line.length).to.be.at.most(120);
  });
});

describe('cutlayer new outside of a clone', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutlayer-elsewhere-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('knows where the clone ends', () => {
    expect(cloneAround(repository)?.root).to.equal(cloneAround(join(repository, 'docs'))?.root);
    expect(cloneAround(repository)).to.include({ isBuilt: false });
    expect(cloneAround(folder)).to.equal(undefined);
    expect(cloneAround(join(repository, '..'))).to.equal(undefined);
  });

  it('refuses attacks and defenses, says why and what to do, and writes nothing', () => {
    for (const kind of ['attack', 'defense']) {
      const { status, stdout, stderr } = cutlayerOf(repository, ['new', kind, 'mine'], folder);
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' });
      expect(stderr).to.match(/added to cutlayer's own sources.*Clone the repository.*"npm ci"/);
    }
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('writes experiments, which can be run; with --dry-run it only says so', () => {
    const file = join('experiments', 'my-first-2.yaml');
    const request = ['new', 'experiment', 'my-first-2'];
    expect(cutlayerOf(repository, [...request, '--dry-run'], folder).stdout).to.match(
      /^would write +experiments.my-first/,
    );
    expect(readdirSync(folder)).to.deep.equal([]);
    expect(cutlayerOf(repository, request, folder)).to.include({ status: 0, stderr: '' });
    const planned = cutlayerOf(repository, ['run', file, '--dry-run', '--json'], folder);
    expect(planned.status, planned.stderr).to.equal(0);
    const again = cutlayerOf(repository, request, folder);
    expect(again.status).to.equal(2);
    expect(again.stderr).to.match(/is there already/);
  });
});
