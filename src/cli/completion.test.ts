/** What a shell is offered, as its script asks for it. */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { catalogues } from './catalogues.ts';
import { completionRequest } from './completion.ts';
import { commandArgs, spawnCli } from './testing/run-cli.ts';

/** What stands behind these words, of which the last is being typed. */
async function offered(...words: string[]): Promise<readonly string[]> {
  const env = { SHELL: '/bin/bash' }; // in zsh, lines have descriptions
  const { status, stdout, stderr } = await spawnCli([completionRequest, 'cutlayer', ...words], { env });
  expect({ status, stderr }, words.join(' ')).to.deep.equal({ status: 0, stderr: '' });
  return stdout.split('\n').filter((line) => line !== '');
}

const attackNames = catalogues.attacks.map(({ name }) => name);

describe('completion', () => {
  it('offers names of the catalogues, by what is typed of them', async () => {
    expect(await offered('show', 'attack', '')).to.deep.equal(attackNames);
    expect(await offered('show', 'attacks', 'gan')).to.deep.equal(['gan-inversion']);
    expect(await offered('--engine', 'cpu', 'show', 'model', 'lenet')).to.deep.equal(['lenet5', 'lenet-zhu']);
    expect(await offered('list', 'd')).to.deep.equal(['defenses', 'datasets']);
    expect(await offered('new', '')).to.deep.equal(['experiment', 'attack', 'defense']);
  });

  it('offers experiment files', async () => {
    const files = readdirSync('experiments').map((name) => `experiments/${name}`);
    expect(await offered('run', '')).to.include.members(files);
    expect(await offered('cost', 'experiments/sm')).to.deep.equal(['experiments/smoke.yaml']);
    expect(await offered('run', 'no/such/')).to.deep.equal([]); // the shell then falls back to its own
  });

  it('leaves commands, options and their values to yargs', async () => {
    expect(await offered('s')).to.include.members(['show', 'new']);
    expect(await offered('account', 'e')).to.include('epsilon');
    expect(await offered('show', 'attack', '--cl')).to.include('--classes');
    expect(await offered('run', '--engine', 'o')).to.deep.equal(['onnx']);
    expect(await offered('show', 'attack', 'gan-inversion', '')).to.include('--json');
  });

  it('runs nothing and complains of nothing while a line is typed', async () => {
    expect((await offered('cache', 'list', '')).filter((line) => !line.startsWith('--'))).to.deep.equal([]);
    await offered('run', '--threads', '');
    await offered('lsit', '');
  });

  it('works in bash', function () {
    if (process.platform === 'win32') this.skip(); // which has no bash of its own
    const command = [process.execPath, ...commandArgs].map((part) => `'${part}'`).join(' ');
    const typed = 'COMP_WORDS=(cutlayer show attack gan); COMP_CWORD=3';
    const script = `cutlayer() { ${command} "$@"; }; source <(cutlayer completion); ${typed}; _cutlayer_yargs_completions; echo "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], {
      encoding: 'utf8',
      env: { ...process.env, SHELL: '/bin/bash' },
    });
    expect({ stdout, stderr }).to.deep.equal({ stdout: 'gan-inversion\n', stderr: '' });
  });
});
