/** The command as a user calls it: manners, wrong requests, help. */

import { expect } from 'chai';
import { engineNames } from '../compile/engine.ts';
import { engineChoices } from './global-options.ts';
import { runCli, spawnCli } from './testing/run-cli.ts';

const commands = [
  'run',
  'repro',
  'cost',
  'account',
  'certify',
  'audit',
  'list',
  'show',
  'new',
  'cache',
  'doctor',
  'bench',
];
const account = ['--steps', '10', '--delta', '1e-5', '--noise-multiplier', '1'];

/** Requests that are wrong, each with what the message must say. */
const wrong: readonly (readonly [request: readonly string[], message: RegExp])[] = [
  [[], /A command is missing/],
  [['--'], /"--" must follow a command/],
  [['--', 'list', 'models'], /"--" must follow a command/],
  [['lsit', 'models', '--foo'], /has no command "lsit"\. Did you mean "list"\?\n"cutlayer --help"/],
  [['frobnicate'], /has no command "frobnicate"\. It has .*run.*bench/],
  [['list'], /"cutlayer list" needs more arguments: cutlayer list <kind>/],
  [['list', 'foo'], /kind must be one of attacks, defenses, models, datasets, trainers, but is "foo"/],
  [['list', 'modles'], /Did you mean "models"\?/],
  [['list', 'models', 'more'], /was given "more", which is an argument too many/],
  [['list', 'run'], /kind must be one of/],
  [['list', 'models', 'run'], /"cutlayer list" was given "run"/],
  [['list', 'models', '--jsno'], /has no option "--jsno"\. Did you mean "--json"\?/],
  [['list', 'models', '--json=maybe'], /--json is a switch and takes no value/],
  [['--qiet', 'list', 'models'], /has no option "--qiet"\. Did you mean "--quiet"\?/],
  [['list', 'models', '-x'], /has no option "-x"/],
  [['list', 'models', '--engine', 'gpu'], /--engine must be one of onnx, tensorflow, cpu, but is "gpu"/],
  [['list', 'models', '--engine'], /--engine needs a value/],
  [['list', 'models', '--engine', 'cpu', '--engine', 'onnx'], /--engine was given 2 times/],
  [['list', 'models', '--threads', '0'], /--threads must be a whole number from 1 on, but is 0/],
  [['list', 'models', '--threads', '1.5'], /but is 1\.5/],
  [['list', 'models', '--threads', '-2'], /but is -2/],
  [['list', 'models', '--threads', 'many'], /but is "many"/],
  [['list', 'models', '--threads', '1', '--threads', '2'], /--threads was given 2 times/],
  [['list', 'models', '--data-dir', 'no/such/folder'], /--data-dir must be a folder.*"no\/such\/folder"/],
  [['show'], /"cutlayer show" needs more arguments: cutlayer show <kind> \[name\]/],
  [['show', 'model'], /"cutlayer show model" needs a name\. "cutlayer list models" prints them/],
  [['show', 'experiment', 'smoke'], /takes no name, but was given "smoke"/],
  [['show', 'model', 'lenet'], /model must be one of lenet5, .*but is "lenet"\. Did you mean "lenet5"\?/],
  [['show', 'mdoel', 'lenet5'], /kind must be one of .*Did you mean "model"\?/],
  [['show', 'model', 'lenet5', '--input', '28'], /--input must be height, width and channels like 32x32x3/],
  [['show', 'model', 'lenet5', '--input', '6x6x1'], /model "lenet5" does not fit 6x6x1 inputs: conv2d/],
  [['show', 'model', 'lenet5', '--classes', 'NaN'], /--classes must be a whole number from 2 on, but is "NaN"/],
  [['show', 'attack', 'gan-inversion', '--classes', '3'], /are for models, but "attack" was asked for/],
  [['new', 'attack'], /"cutlayer new" needs more arguments: cutlayer new <kind> <name>/],
  [
    ['new', 'atack', 'mine'],
    /kind must be one of experiment, attack, defense, but is "atack"\. Did you mean "attack"\?/,
  ],
  [['new', 'attack', 'My_Attack'], /an attack must be lower-case letters with single dashes.*but is "My_Attack"/],
  [['new', 'attack', 'gan-inversion'], /there is an attack "gan-inversion" already/],
  [['account'], /account needs one of: epsilon, .*batch/],
  [['account', 'epslon', 'x'], /has no command "epslon"\. Did you mean "epsilon"\?\n"cutlayer account --help"/],
  [['account', 'epslon', '--help'], /has no command "epslon"\. Did you mean "epsilon"\?\n"cutlayer account --help"/],
  [['account', 'sigma', '--help'], /"cutlayer account" has no command "sigma"\. It has epsilon, .*batch\./],
  [['audit', 'guess', '--help'], /"cutlayer audit" has no command "guess"\./],
  [['lsit', '--help'], /"cutlayer" has no command "lsit"\. Did you mean "list"\?/],
  [['account', 'epsilon'], /"cutlayer account epsilon" needs --sampling-rate, --noise-multiplier, --steps, --delta\./],
  [['account', 'epsilon', ...account, '--sampling-rate', 'NaN'], /--sampling-rate must be a number, but is "NaN"/],
  [
    ['account', 'epsilon', ...account, '--sampling-rate', '2'],
    /^cutlayer: --sampling-rate must be between 0 and 1, but is 2\. It is the expected/,
  ],
  [
    ['account', 'epsilon', ...account, '--sampling-rate', '0.1', '--accountant', 'rpd'],
    /--accountant must be one of .*Did you mean "rdp"\?/,
  ],
  [['doctor', 'model'], /"cutlayer doctor" was given "model".*\n"cutlayer doctor --help"/],
  [
    ['account', 'noise', '--epsilon', '0', '--steps', '1', '--delta', '1e-5', '--sampling-rate', '0.1'],
    /^cutlayer: --epsilon must be a positive number/,
  ],
  [
    [
      'audit',
      'counts',
      ...['--true-positives', '12', '--positives', '10', '--false-positives', '1', '--negatives', '9'],
    ],
    /--true-positives must be at most positives \(10\), but is 12/,
  ],
  [['audit', 'training', '--sampling-rate', '2'], /^cutlayer: --sampling-rate must be/],
  [['audit', 'mechanism', 'dp-sgd', '--noise-multiplier', '-1'], /^cutlayer: --noise-multiplier must be at least 0/],
  [['certify', '--counts', '1,2', '--epsilon', '1', '--eta', '4'], /^cutlayer: --eta must be between 0 and 1/],
  [['account', 'batch', 'more'], /"cutlayer account batch" was given "more"/],
  [
    ['account', 'joint', '--epsilon', '2', '--passes', '2', '--delta', '1e-5'],
    /^cutlayer: --epsilon must be above --label-epsilon, .* and --label-epsilon is 3/,
  ],
  [['cost'], /"cutlayer cost" needs more arguments: cutlayer cost <file>/],
  [['cost', 'nope.yaml'], /nope\.yaml cannot be read/],
  [['cost', 'experiments/smoke.yaml', '--set', 'model.cut=40'], /cut must be between 1 and 7.*but is 40/],
  [['bench', 'nope'], /bench must be one of lenet5-step-64, .*but is "nope"/],
  [['bench', '--peer', 'tensorflow'], /--peer must be one of pytorch, jax, but is "tensorflow"/],
  [
    ['run', 'experiments/smoke.yaml', '--device', 'abacus'],
    /device "abacus": .*backend not found[\s\S]*ONNX Runtime knows cpu, /,
  ],
  [
    ['run', 'experiments/smoke.yaml', '--engine', 'cpu', '--device', 'cuda'],
    /engine "cpu" computes on device cpu only/,
  ],
  [['bench', '--threads', '2'], /leave --engine, --threads and --device out/],
];

/** What is not known to take one column: emoji, ideographs, marks on letters, soft hyphens. */
const otherThanOneColumn = /[^\n -~\u00a1-\u00ac\u00ae-\u00ff\u0370-\u03ff\u2200-\u22ff–—’“”…→]/gu;

/** The help of a command, and of each below it. */
async function helpPages(...words: string[]): Promise<string[]> {
  const { stdout } = await runCli(...words, '--help');
  const pages = [stdout];
  const below = new RegExp(`^ {2}${['cutlayer', ...words].join(' ')} ([a-z]+) `, 'gm');
  for (const [, name = ''] of stdout.matchAll(below)) pages.push(...(await helpPages(...words, name)));
  return pages;
}

describe('command line', () => {
  for (const [request, message] of wrong) {
    it(`refuses "cutlayer ${request.join(' ')}"`, async () => {
      const { status, stdout, stderr } = await runCli(...request);
      expect(stderr)
        .to.match(message)
        .and.match(/^cutlayer: /);
      expect(stderr, 'no stack trace').not.to.match(/\n\s+at /);
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' });
    });
  }

  it('shows a stack trace with --verbose', async () => {
    expect((await runCli('list', 'foo', '--verbose')).stderr).to.match(/UsageError: kind must be .*\n\s+at /);
  });

  for (const command of ['', ...commands, 'account epsilon', 'account noise', 'account batch']) {
    it(`"cutlayer ${command} --help" explains itself on stdout`, async () => {
      const { status, stdout, stderr } = await runCli(...command.split(' ').filter(Boolean), '--help');
      expect(stdout)
        .to.match(new RegExp(`cutlayer ${command}`))
        .and.match(/--engine/)
        .and.match(/--verbose/);
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    });
  }

  it('shows help where the value of an option could be taken for a command', async () => {
    for (const args of [
      ['--engine', 'cpu', '--help'],
      ['account', '--engine', 'cpu', 'noise', '--help'],
      ['show', 'model', 'lenet5', '--help'],
    ]) {
      expect((await runCli(...args)).status, args.join(' ')).to.equal(0);
    }
  });

  it('names the fields of a request in the help of "account batch"', async () => {
    const { stdout } = await runCli('account', 'batch', '--help');
    for (const field of 'samplingRate noiseMultiplier steps delta epsilon order accountant adjacency orders id'.split(
      ' ',
    )) {
      expect(stdout).to.match(new RegExp(`\\b${field}\\b`));
    }
    for (const ask of ['epsilon', 'noise', 'steps', 'rate', 'delta', 'rdp'])
      expect(stdout).to.include(`"ask":"${ask}"`);
  });

  it('keeps the example of "certify --help" on one line', async () => {
    const { stdout } = await runCli('certify', '--help');
    const [, example = ''] = /\n {2}cutlayer (certify --counts .*)\n/.exec(stdout) ?? [];
    expect((await runCli(...example.split(' '))).stdout).to.match(/Certified radius [\d.]+ in L2/);
  });

  it('has a command’s own options before those of every command', async () => {
    for (const command of [['run'], ['account', 'noise'], ['cost']]) {
      const { stdout } = await runCli(...command, '--help');
      const groups = [...stdout.matchAll(/^(.*):$/gm)].map(([, group]) => group);
      expect(groups.indexOf('Options')).to.be.at.least(0).and.below(groups.indexOf('Global options'));
    }
  });

  it('lists every command in its help', async () => {
    const { stdout } = await runCli('--help');
    for (const command of commands) expect(stdout).to.match(new RegExp(`cutlayer ${command}\\b`));
  });

  it('has only characters of one column in its help, since the built command takes each for one', async () => {
    const pages = await helpPages();
    expect(pages).to.have.length.above(commands.length + 15); // account, audit, certify and cache have their own
    for (const page of pages) expect(page.match(otherThanOneColumn)).to.equal(null);
  });

  it('speaks English whatever the locale, since errors are recognized by it', async () => {
    const { LC_ALL } = process.env;
    process.env['LC_ALL'] = 'de_DE.UTF-8';
    try {
      expect((await spawnCli(['lsit'])).stderr).to.match(/has no command "lsit"/);
    } finally {
      if (LC_ALL === undefined) delete process.env['LC_ALL'];
      else process.env['LC_ALL'] = LC_ALL;
    }
  });

  it('completes commands', async () => {
    expect((await runCli('completion')).stdout).to.match(/cutlayer/);
  });

  it('knows the engines of the compiler', () => {
    expect(engineChoices).to.deep.equal(engineNames);
  });
});

describe('the process', () => {
  it('prints its version', async () => {
    expect(await spawnCli(['--version']))
      .to.deep.include({ status: 0, stderr: '' })
      .and.nested.property('stdout')
      .matches(/^\d+\.\d+\.\d+\n$/);
  });

  it('ends with 2 and one message where the request is wrong', async () => {
    const { status, stdout, stderr } = await spawnCli(['show', 'model', 'lenet']);
    expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' });
    expect(stderr).to.match(/^cutlayer: model must be one of [^\n]+\n$/);
  });

  it('ends quietly where its reader has seen enough', async () => {
    const { status, stderr } = await spawnCli(['completion'], { readAtMost: 1 });
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
  });
});
