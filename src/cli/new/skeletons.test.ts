/** What `cutlayer new` writes is formatted, type-checks, passes its tests and the contract suites, is listed and runs. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import type { NewKind } from './names.ts';
import { planNew } from './plan.ts';
import { cutlayerOf, nodeIn, type Outcome, temporaryClone } from './testing/temporary-clone.ts';
import { writePlan } from './write.ts';

const longest = 'longest-name-that-is-allowed-x';

/** First and last in the order of imports, before one that it begins, beside a folder, and the longest that is allowed. */
const others: readonly (readonly [kind: NewKind, name: string])[] = [
  ...['a', 'zebra', 'deep', 'testing-more', longest].map((name) => ['attack', name] as const),
  ...['a', 'zebra', 'dp', 'pixeldp-more', longest].map((name) => ['defense', name] as const),
];

describe('skeletons in a clone', function () {
  this.timeout(240_000);
  let root: string;
  before(() => {
    root = temporaryClone();
    for (const [kind, name] of others) {
      writePlan(planNew({ kind, name, folder: root, clone: { root, isBuilt: false }, taken: [] }));
    }
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  function tests(pattern: string, ...files: string[]): Outcome {
    const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
    const loading = ['--node-option', 'import=tsx', '--node-option', 'no-experimental-require-module'];
    return nodeIn(root, [mocha, '--no-config', ...loading, '-t', '60000', '-g', pattern, ...files]);
  }

  /** The status of a file's tests after something in a source was replaced; the source is put back. */
  function testedWith(source: string, from: string, to: string): number | null {
    const file = join(root, source);
    const text = readFileSync(file, 'utf8');
    expect(text).to.contain(from);
    writeFileSync(file, text.replace(from, to));
    const { status } = tests('.', source.replace('.ts', '.test.ts'));
    writeFileSync(file, text);
    return status;
  }

  it('are written by the command, which names the files and lists what is new at once', () => {
    const answers = (['attack', 'defense', 'experiment'] as const).map((kind) => {
      const { status, stdout, stderr } = cutlayerOf(root, ['new', kind, `my-${kind}`, '--json']);
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
      return JSON.parse(stdout) as { readonly created: readonly string[]; readonly changed: readonly string[] };
    });
    expect(answers.flatMap(({ created }) => created)).to.deep.equal([
      ...[join('attacks', 'my-attack.ts'), join('attacks', 'my-attack.test.ts')],
      ...[join('defenses', 'my-defense.ts'), join('defenses', 'my-defense.test.ts')],
      join('experiments', 'my-experiment.yaml'),
    ]);
    expect(answers.map(({ changed }) => changed)).to.deep.equal([
      [join('attacks', 'index.ts')],
      [join('defenses', 'index.ts')],
      [],
    ]);
    expect(cutlayerOf(root, ['list', 'attacks']).stdout).to.match(/^my-attack +move pixels/m);
    expect(cutlayerOf(root, ['list', 'defenses']).stdout).to.match(/^my-defense +smashed data/m);
  });

  it('pass the formatter and the linter, whatever their names', () => {
    const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
    const { status, stdout, stderr } = nodeIn(root, [biome, 'check', 'attacks', 'defenses', 'experiments']);
    expect(status, stdout + stderr).to.equal(0);
  });

  it('type-check', () => {
    const written = others.flatMap(([kind, name]) => [`${kind}s/${name}.ts`, `${kind}s/${name}.test.ts`]);
    const config = {
      extends: './tsconfig.json',
      include: [],
      files: ['attacks/index.ts', 'defenses/index.ts', ...written],
    };
    writeFileSync(join(root, 'tsconfig.new.json'), JSON.stringify(config));
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout } = nodeIn(root, [tsc, '--noEmit', '-p', 'tsconfig.new.json']);
    const problems = stdout.split('\n').filter((line) => /^(?:attacks|defenses)\//.test(line));
    expect(problems).to.deep.equal([]);
  });

  it('pass their own tests, the contract suites and the test of memory', () => {
    const files = [
      'attacks/my-attack',
      'attacks/attacks',
      'attacks/memory',
      'defenses/my-defense',
      'defenses/defenses',
    ];
    const { status, stdout } = tests('my-(attack|defense)', ...files.map((file) => `${file}.test.ts`));
    expect(status, stdout).to.equal(0);
    expect(stdout)
      .to.match(/my-attack keeps the contract/)
      .and.match(/my-defense keeps the contract/);
  });

  it('have tests that fail where the code is wrong', () => {
    expect(testedWith('attacks/my-attack.ts', 'default: 300', 'default: 1'), 'hardly searched').not.to.equal(0);
    expect(
      testedWith('defenses/my-defense.ts', 'noiseMultiplier * 2 *', 'noiseMultiplier *'),
      'half the noise',
    ).not.to.equal(0);
    expect(testedWith('defenses/my-defense.ts', "norm: 'l2', to", "norm: 'l1', to"), 'another norm').not.to.equal(0);
  });

  it('run: the experiment, with the attack against the defense', () => {
    const small = ['data={ name: mnist, train: 100, test: 50 }', 'trainer.rounds=1'];
    const own = [
      'attacks=[{ name: my-attack, victims: 2, iterations: 20 }]',
      'grid.defenses=[[], [{ name: my-defense }]]',
    ];
    const file = join('experiments', 'my-experiment.yaml');
    const { status, stdout, stderr } = cutlayerOf(root, ['run', file, '--set', ...small, ...own, '--json', '--quiet']);
    expect(status, stderr).to.equal(0);
    const { runs } = JSON.parse(stdout) as { readonly runs: readonly { readonly run_id: string }[] };
    expect(new Set(runs.map((row) => row.run_id))).to.have.property('size', 2);
    expect(parse(readFileSync(join(root, file), 'utf8'))).to.include({ name: 'my-experiment' });
  });
});
