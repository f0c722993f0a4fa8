import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { engineNames } from '../engine.ts';
import { remedyFor } from './remedy.ts';

const scriptOf = (remedy: string) => /run: node "(.*)"$/.exec(remedy)?.[1] ?? '';

describe('remedyFor', () => {
  it('says what to run for every engine', () => {
    for (const name of engineNames) expect(remedyFor(name), name).to.match(/run[: ]/);
  });

  it('names the script of tensorflow by its path, in a checkout', () => {
    expect(existsSync(scriptOf(remedyFor('tensorflow')))).to.equal(true);
  });

  it('and where cutlayer is a package of somebody else’s project, whose npm scripts are other ones', () => {
    const project = mkdtempSync(join(tmpdir(), 'remedy-'));
    try {
      const root = join(project, 'node_modules', 'cutlayer');
      const here = pathToFileURL(join(root, 'dist', 'src', 'compile', 'engines', 'remedy.js')).href;
      expect(remedyFor('tensorflow', here)).to.match(/^Install cutlayer again/);
      const script = join(root, 'scripts', 'setup-tensorflow.mjs');
      mkdirSync(dirname(script), { recursive: true });
      writeFileSync(script, '');
      expect(scriptOf(remedyFor('tensorflow', here))).to.equal(script);
    } finally {
      rmSync(project, { recursive: true });
    }
  });
});
