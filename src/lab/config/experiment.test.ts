import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { catalogues } from '../../cli/catalogues.ts';
import { runIdOf } from '../results/run-id.ts';
import { type Experiment, loadExperiment } from './experiment.ts';

const valid = `
name: tiny
data: { name: mnist, train: 60, test: 30 }
model: { name: lenet5 }
trainer: { name: splitfed-v1, clients: 2 }
`;

describe('loadExperiment', () => {
  let folder = '';
  let count = 0;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutlayer-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function written(text: string): string {
    count += 1;
    const file = join(folder, `e${count}.yaml`);
    writeFileSync(file, text);
    return file;
  }

  function load(text: string, options: { sets?: string[]; seeds?: number[] } = {}): Promise<Experiment> {
    return loadExperiment(written(text), { catalogues, ...options });
  }

  /** The lines of the error, without the folder. */
  async function problems(text: string, options: { sets?: string[]; seeds?: number[] } = {}): Promise<string[]> {
    const error = await load(text, options).catch((thrown: unknown) => thrown);
    expect(error).to.have.property('name', 'ConfigError');
    return (error as Error).message.split('\n').map((line) => line.replace(/^.*?\/e\d+\.yaml/, 'e.yaml'));
  }

  it('writes out the documented defaults', async () => {
    const many = valid.replace('train: 60', 'train: 200');
    const { runs } = await load(`${many}defenses: [ { name: pixeldp }, { name: dp-sgd } ]
attacks: [ { name: gan-inversion }, { name: deep-leakage }, { name: inverse-network, victims: 9, auxiliary: 40 } ]`);
    expect(runs).to.have.length(1);
    const [run] = runs;
    expect(run?.model).to.deep.equal({ name: 'lenet5', cut: 3, init: 'he' });
    expect(run?.trainer).to.deep.equal({
      name: 'splitfed-v1',
      clients: 2,
      rounds: 10,
      localEpochs: 1,
      batchSize: 64,
      participation: 1,
      partition: { name: 'iid' },
      optimizer: { name: 'sgd', learningRate: 0.05, state: 'reset' },
    });
    expect(run?.defenses[0]).to.deep.include({
      layer: 1,
      noise: 'laplace',
      calibration: 'analytic',
      delta: 0.05,
      epsilon: 1,
      distance: 0.1,
      sensitivity: 'normalized',
    });
    expect(run?.defenses[1]).to.deep.include({ clipNorm: 1, noiseMultiplier: 1.3 });
    expect(run?.attacks[0]).to.deep.include({ view: 'servers', victims: 8, batch: 1, round: 1, preset: 'quick' });
    expect(run?.attacks[1]).to.deep.include({ view: 'servers', victims: 8 });
    expect(run?.attacks[2]).to.deep.include({ view: 'main-server', releases: 1 });
    expect(run?.ledger).to.deep.equal({ delta: 1e-5, distance: 1 });
    expect(run?.seed).to.equal(1);
  });

  it('takes the optimizers’ and partitions’ own defaults, and the view of the federated server', async () => {
    const { runs } = await load(`${valid}attacks: [ { name: gan-inversion } ]
grid:
  trainer.name: [ federated ]
  trainer.optimizer: [ { name: adam }, { name: momentum } ]
  trainer.partition: [ { name: dirichlet }, { name: shards } ]`);
    expect(runs.map(({ trainer }) => trainer.optimizer)).to.deep.equal([
      { name: 'adam', learningRate: 0.001, state: 'reset' },
      { name: 'adam', learningRate: 0.001, state: 'reset' },
      { name: 'momentum', learningRate: 0.05, momentum: 0.9, state: 'reset' },
      { name: 'momentum', learningRate: 0.05, momentum: 0.9, state: 'reset' },
    ]);
    expect(runs.slice(0, 2).map(({ trainer }) => trainer.partition)).to.deep.equal([
      { name: 'dirichlet', alpha: 0.5 },
      { name: 'shards', perClient: 2 },
    ]);
    expect(runs[0]?.attacks[0]?.view).to.equal('server');
  });

  it('goes through the product of the grid, its last key fastest, then the seeds, over what the file says', async () => {
    const text = `${valid}seeds: [ 1, 2 ]\ngrid:\n  model.cut: [ 2, 3 ]\n  defenses: [ [], [ { name: pixeldp, epsilon: .inf } ] ]`;
    const { runs } = await load(text);
    const facts = runs.map(({ model, defenses, seed }) => [model.cut, defenses.length, seed]);
    expect(facts).to.deep.equal([
      [2, 0, 1],
      [2, 0, 2],
      [2, 1, 1],
      [2, 1, 2],
      [3, 0, 1],
      [3, 0, 2],
      [3, 1, 1],
      [3, 1, 2],
    ]);
    expect(runs[2]?.defenses[0]?.['epsilon']).to.equal(Number.POSITIVE_INFINITY);
    expect(new Set(runs.map(runIdOf)).size).to.equal(8);
    expect((await load(text, { seeds: [7] })).runs.map(({ seed }) => seed)).to.deep.equal([7, 7, 7, 7]);
  });

  it('gives equal configurations equal ids, however they are written', async () => {
    const [one] = (await load(valid)).runs;
    const [other] = (
      await load(
        `trainer: { clients: 2, name: splitfed-v1, rounds: 10 }\nmodel: { cut: 3, name: lenet5 }\ndata: { test: 30, train: 60, name: mnist }\nname: tiny`,
      )
    ).runs;
    expect(one && other && runIdOf(one) === runIdOf(other)).to.equal(true);
  });

  it('replaces values by --set, also where the file has none', async () => {
    const sets = [
      'model.cut=5',
      'attacks.0.name=deep-leakage',
      'trainer.optimizer={name: adam, learningRate: 0.01}',
      'grid.trainer.rounds=[1, 2]',
    ];
    const { runs } = await load(valid, { sets });
    expect(runs.map(({ trainer }) => trainer.rounds)).to.deep.equal([1, 2]);
    expect(runs[0]?.model.cut).to.equal(5);
    expect(runs[0]?.attacks[0]?.name).to.equal('deep-leakage');
    expect(runs[0]?.trainer.optimizer.learningRate).to.equal(0.01);
  });

  it('takes the default optimizer where only its options are given', async () => {
    const [run] = (await load(valid, { sets: ['trainer.optimizer.learningRate=0.1', 'trainer.partition={}'] })).runs;
    expect(run?.trainer.optimizer).to.deep.equal({ name: 'sgd', learningRate: 0.1, state: 'reset' });
    expect(run?.trainer.partition).to.deep.equal({ name: 'iid' });
  });

  it('is named like its file where it gives no name', async () => {
    expect((await load(valid.replace('name: tiny', ''))).name).to.match(/^e\d+$/);
  });

  it('tells all mistakes at once, each with its line, what is allowed, and what was probably meant', async () => {
    const text = `name: tiny
data: { name: mnist, train: 60, test: 30 }
modle: { name: lenet5 }
model:
  name: lenet5
  cut: three
trainer: { name: splitfed-v1, clients: 2, batchSize: 0 }
defenses:
  - { name: pixeldp, noise: laplac }
attacks:
  - { name: gan-inversion, victms: 4 }
seeds: [ 1, 1 ]`;
    expect(await problems(text)).to.have.members([
      'e.yaml:3: modle: is not known here; allowed are name, data, model, trainer, defenses, attacks, seeds, ledger, audit, grid. Did you mean "model"?',
      'e.yaml:6: model.cut: must be a whole number from 1 on, but is "three".',
      'e.yaml:7: trainer.batchSize: must be a whole number from 1 on, but is 0.',
      'e.yaml:9: defenses.0.noise: must be one of laplace, gaussian, but is "laplac". Did you mean "laplace"?',
      'e.yaml:11: attacks.0.victms: is not known here; allowed are name, victims, batch, round, noise, knowsServer, preset, labels, restarts, iterations, tv, view. Did you mean "victims"?',
      'e.yaml:12: seeds.1: 1 is listed twice.',
    ]);
  });

  it('checks sections against each other, beside attacks’ options that are wrong by themselves', async () => {
    const text = `${valid.replace('clients: 2', 'clients: 61').replace('lenet5', 'lenet5, cut: 12')}
defenses: [ { name: pixeldp }, { name: pixeldp } ]
attacks: [ { name: inverse-network, victims: 99, auxiliary: 9971, view: servers }, { name: gan-inversion, round: 11 } ]`;
    const found = await problems(text);
    expect(found).to.have.length(7);
    expect(found.join('\n'))
      .to.match(/cut must be between 1 and 11/)
      .and.match(/between 1 and the number of training examples \(60\)/);
    expect(found.join('\n'))
      .to.match(/Name a defense once/)
      .and.match(/must be main-server, but is "servers"/);
    expect(found.join('\n'))
      .to.match(/victims: must be at most 60/)
      .and.match(/auxiliary: must be at most 9970/)

      .and.match(/round: must be at most 10/);
  });

  it('checks further in spite of values that are wrong, but not what hangs on them', async () => {
    const many = 'clients: 61, rounds: 0 }\nattacks: [ { name: gan-inversion, round: 11, victims: 99 } ]';
    const text = valid.replace('lenet5', 'lenet5, cut: 12').replace('clients: 2 }', many);
    const found = (await problems(text)).map((line) => line.split(': ')[1]);
    expect(found).to.have.members(['trainer.rounds', 'model.cut', 'trainer.clients', 'attacks.0.victims']); // 11 of what?
    const wrongClients = text.replace('clients: 61', 'clients: none');
    expect((await problems(wrongClients)).map((line) => line.split(': ')[1])).to.have.members([
      ...['trainer.rounds', 'model.cut', 'trainer.clients'],
    ]);
  });

  it('refuses an option beside the one whose place it takes, and leaves the default of that out', async () => {
    const defended = (options: string) =>
      `${valid.replace('train: 60', 'train: 200')}defenses:\n  - { name: dp-sgd, ${options} }`;
    expect(await problems(defended('epsilon: 3, noiseMultiplier: 2'))).to.deep.equal([
      'e.yaml:7: defenses.0.epsilon: takes the place of noiseMultiplier, but both are given. Leave one of them out.',
    ]);
    expect(await problems(defended('noiseMultiplier: 2'), { sets: ['defenses.0.epsilon=3'] })).to.deep.equal([
      '--set defenses.0.epsilon=3: defenses.0.epsilon: takes the place of noiseMultiplier, but both are given. Leave one of them out.',
    ]);
    const [targeted] = (await load(defended('epsilon: 3'))).runs;
    expect(targeted?.defenses[0]).to.include({ epsilon: 3, clipNorm: 1 }).and.not.have.property('noiseMultiplier');
    const [plain] = (await load(defended('clipNorm: 2'))).runs;
    expect(plain?.defenses[0]).to.include({ noiseMultiplier: 1.3 });
  });

  it('names the seeds of the command line where they are wrong, not the file', async () => {
    expect(await problems(`${valid}seeds: [ 3 ]`, { seeds: [1, 1.5, 1] })).to.deep.equal([
      '--seeds 1,1.5,1: must be a whole number, but is 1.5.',
      '--seeds 1,1.5,1: 1 is listed twice.',
    ]);
    expect(await problems(`${valid}seeds: 3`)).to.deep.equal([
      'e.yaml:6: seeds: must be a list of whole numbers, as in [1, 2, 3] or 1:3, but is 3.',
    ]);
  });

  it('refuses a view of a party that the trainer does not have, before anything is trained', async () => {
    expect(await problems(`${valid}\nattacks: [ { name: deep-leakage, view: server } ]`)).to.deep.equal([
      'e.yaml:7: attacks.0.view: view "server" is of a party that trainer "splitfed-v1" does not have; it offers main-server, fed-server, servers. Attack "deep-leakage" can take servers or fed-server.',
    ]);
    const text = `${valid}attacks: [ { name: inverse-network, auxiliary: 40, victims: 9 } ]`; // its default view
    expect(await problems(text, { sets: ['trainer.name=federated'] })).to.deep.equal([
      '--set trainer.name=federated: attacks.0.view: view "main-server" is of a party that trainer "federated" does not have; it offers server. Attack "inverse-network" needs one of main-server: take trainer split or splitfed-v1 or splitfed-v2.',
    ]);
  });

  it('finds a value of the grid in the grid, and one of --set there', async () => {
    expect(await problems(`${valid}grid:\n  model.cut:\n    - 3\n    - 40`)).to.deep.equal([
      'e.yaml:9 (grid.model.cut[1]): model.cut: cut must be between 1 and 11 for model "lenet5" (12 layers), but is 40. Trainers "centralized" and "federated" train uncut.',
    ]);
    const [line] = await problems(valid, { sets: ['model.cut=40'] });
    expect(line).to.match(/^--set model\.cut=40: model\.cut: cut must be/);
  });

  it('finds what only shows while a run is set up where it was written, or set', async () => {
    const text = valid.replace(
      'trainer: { name: splitfed-v1, clients: 2 }',
      'trainer:\n  name: splitfed-v1\n  clients: 2\n  partition:\n    name: iid',
    );
    expect((await problems(text.replace('clients: 2', 'clients: 61'))).join()).to.match(
      /^e\.yaml:7: trainer\.clients: /,
    );
    for (const set of ['trainer.clients=61', 'data.train=70000', 'data.test=70000', 'data.dir=/nowhere']) {
      const [key = ''] = set.split('=');
      const found = await problems(text, { sets: [set] });
      expect(found).to.have.length(1);
      expect(found[0]?.startsWith(`--set ${set}: ${key}: `), found[0]).to.equal(true);
    }
  });

  it('finds values that do not fit each other where one of them was set, or comes from the grid', async () => {
    const [first] = await problems(valid, { sets: ['data.train=1'] });
    expect(first).to.match(
      /^--set data\.train=1: trainer\.clients: clients must be between 1 and the number of training examples \(1\)/,
    );
    const sharded = `${valid}grid: { trainer.partition: [ { name: shards, perClient: 2 } ] }`;
    const [second] = await problems(sharded, { sets: ['trainer.clients=31'] });
    expect(second).to.match(/^--set trainer\.clients=31: .*clients × perClient shards must be .* but are 62/);
    const [third] = await problems(sharded.replace('perClient: 2', 'perClient: 31'));
    expect(third).to.match(/^e\.yaml:6 \(grid\.trainer\.partition\[0\]\): trainer\.clients: clients × perClient/);
    const attacked = `${valid}attacks: [ { name: deep-leakage, victims: 20 } ]\ngrid:\n  trainer.clients: [ 2, 4 ]`;
    expect(await problems(attacked)).to.deep.equal([
      'e.yaml:8 (grid.trainer.clients[1]): attacks.0.victims: must be at most 15 (client 0 has as many examples), but is 20.',
    ]);
    const both = await problems(valid, { sets: ['model.name=mlp', 'model.cut=9'] });
    expect(both.join()).to.match(/^--set model\.cut=9: /); // the value itself before what it depends on
  });

  it('names the part that was set of something that is refused as a whole', async () => {
    const text = `${valid}defenses: [ { name: pixeldp, layer: 1 } ]`;
    expect((await problems(text, { sets: ['defenses.0.layer=40'] })).join()).to.match(
      /^e\.yaml:6 with --set defenses\.0\.layer=40: defenses\.0: /,
    );
  });

  it('refuses a grid that makes no sense', async () => {
    expect((await problems(`${valid}grid: { modle.cut: [1] }`)).join()).to.match(/Did you mean "model"/);
    expect((await problems(`${valid}grid: { model.cut: 3 }`)).join()).to.match(/must be a list of values/);
    expect((await problems(`${valid}grid: { model.cut: [] }`)).join()).to.match(/must be a list of values/);
    expect((await problems(`${valid}grid: [ 1 ]`)).join()).to.match(/must be a record of paths/);
    expect((await problems(`${valid}grid: { model.cut: [ 3, 3 ] }`)).join()).to.match(
      /the same run twice \(runs 1 and 2\)/,
    );
    expect((await problems(`${valid}grid: { model.cut: [ 2, 3 ] }`, { sets: ['model.cut=4'] })).join()).to.match(
      /--set has no effect/,
    );
  });

  it('names the element of the grid that is wrong, and shortens what --set gave', async () => {
    const grid = 'grid.defenses=[[], [{ name: pixeldp, epsilon: 2 }], [{ name: pixeldp, epsilon: -1 }]]';
    expect(await problems(valid, { sets: [grid] })).to.deep.equal([
      '--set grid.defenses=[[], [{ name: pixeldp, epsilon: 2 }], [… (grid.defenses[2]): defenses.0.epsilon: must be a number above 0 or .inf, but is -1.',
    ]);
  });

  it('says which path points at nothing, in place of a value that nobody wrote', async () => {
    const defended = `${valid}defenses: [ { name: pixeldp } ]\n`;
    expect(await problems(`${defended}grid:\n  defenses.5.epsilon: [ 1, 2 ]`)).to.deep.equal([
      'e.yaml:8: grid.defenses.5.epsilon: there is no defenses.5 to change: defenses has 1 entry.',
    ]);
    expect(await problems(`${valid}grid: { defenses.0.epsilon: [ 1 ] }`)).to.deep.equal([
      'e.yaml:6: grid.defenses.0.epsilon: there is no defenses.0 to change: defenses has 0 entries.',
    ]);
    expect(
      await problems(`${defended}grid:\n  defenses: [ [], [ { name: pixeldp } ] ]\n  defenses.0.epsilon: [ 1, 2 ]`),
    ).to.deep.equal([
      'e.yaml:9: grid.defenses.0.epsilon: there is no defenses.0 to change: defenses has 0 entries (with grid.defenses[0]).',
    ]);
    const unlisted = `${valid}defenses: { name: pixeldp }\ngrid: { defenses.5.epsilon: [ 1 ], model.cut.depth: [ 2 ] }`;
    expect(await problems(unlisted)).to.have.members([
      'e.yaml:7: grid.defenses.5.epsilon: defenses is {"name":"pixeldp"}, no list with entries.',
      'e.yaml:6: defenses: must be a list ([] for none), but is {"name":"pixeldp"}.',
      'e.yaml:4 with grid.model.cut.depth[0]: model.cut: must be a whole number from 1 on, but is {"depth":2}.',
    ]);
    expect(await problems(valid.replace('lenet5', 'lenet5, cut: 3'), { sets: ['model.cut.depth=2'] })).to.deep.equal([
      '--set model.cut.depth=2: model.cut is 3 and has no "depth".',
    ]);
    expect(await problems(defended, { sets: ['defenses.epsilon=2'] })).to.deep.equal([
      '--set defenses.epsilon=2: defenses is a list: name an entry, as in defenses.0.epsilon.',
    ]);
    const { runs } = await load(`${valid}grid: { attacks.0.victims: [ 3 ], attacks.0.name: [ deep-leakage ] }`);
    expect(runs[0]?.attacks[0]).to.include({ name: 'deep-leakage', victims: 3 });
  });

  it('points to the section of a key that is missing, and says where there is none', async () => {
    const text = 'name: tiny\ndata:\n  train: 60\n  test: 30\nmodel: { name: lenet5 }';
    expect(await problems(text)).to.have.members([
      'e.yaml:2: data.name: must be one of mnist, fashion-mnist, idx, but is missing.',
      'e.yaml (missing): trainer: must be a record of name, clients, rounds, localEpochs, batchSize, participation, partition, optimizer, but is missing.',
    ]);
  });

  it('says little of a file that is something else', async () => {
    const prose = Array.from({ length: 40 }, (_, i) => `- [link ${i}](x): \`a\` **b**: {${'word '.repeat(100)}`);
    const found = await problems(prose.join('\n'));
    expect(found).to.have.length(6);
    for (const line of found) expect(line.length).to.be.at.most(120);
    expect(found.slice(0, 5).join('\n')).to.match(/^(e\.yaml:\d+: .+\n?){5}$/);
    expect(found[5]).to.match(/^and \d+ more; is this an experiment file\?$/);
    const [word] = await problems('word '.repeat(1000));
    expect(word?.length).to.be.below(200);
  });

  it('says on which line a file is no YAML, and what a file is that is no experiment', async () => {
    expect((await problems(`${valid}seeds: [ 1,`)).join()).to.match(/^e\.yaml:\d+: /);
    expect((await problems('- 1')).join()).to.match(/this is a list/);
    for (const nothing of ['', '\n', '# later\n', 'null', '---\n']) {
      expect(await problems(nothing)).to.deep.equal([
        'e.yaml is empty. An experiment is a record (name, data, model, trainer, …).',
      ]);
    }
    const missing = await loadExperiment(join(folder, 'none.yaml'), { catalogues }).catch((error: unknown) => error);
    expect((missing as Error).message).to.match(/there is no such file/);
  });

  it('refuses lots of DP-SGD that are larger than a client, but not batches', async () => {
    const uneven = valid.replace('clients: 2', 'clients: 2, batchSize: 31');
    expect(await problems(`${uneven}defenses: [ { name: dp-sgd } ]`)).to.deep.equal([
      'e.yaml:5: trainer.batchSize: must be at most 30, the number of examples of a client, but is 31: each is in a lot with probability batchSize ÷ examples, which cannot exceed 1.',
    ]);
    const [line] = await problems(`${valid}defenses: [ { name: dp-sgd } ]`, {
      sets: ['trainer.clients=1', 'data.train=63'],
    });
    expect(line).to.match(/^--set trainer\.clients=1: trainer\.batchSize: must be at most 63,.* but is 64/);
    expect((await load(uneven)).runs).to.have.length(1);
    expect((await load(`${uneven.replace('31', '30')}defenses: [ { name: dp-sgd } ]`)).runs).to.have.length(1);
    expect((await load(`${uneven}defenses: [ { name: joint-dp } ]`)).runs).to.have.length(1);
  });

  it('ignores a cut where there is none', async () => {
    const { runs } = await load(valid.replace('splitfed-v1', 'centralized').replace('lenet5', 'lenet5, cut: 99'));
    expect(runs[0]?.model.cut).to.equal(99);
  });

  it('tells mistakes of other sections beside names that are unknown', async () => {
    const attacks = `attacks:
  - { name: inverse }
  - { name: inverse-network, victims: 500, auxiliary: 20 }
  - { name: gan }
  - { name: inverse-network, victims: 4, auxiliary: 999999 }
`;
    const pathOf = (line: string) => line.replace(/^e\.yaml:\d+: /, '').replace(/: .*/, '');
    const untrained = valid.replace('train: 60', 'train: 99999999');
    expect((await problems(untrained.replace('lenet5', 'lenet6'))).map(pathOf)).to.deep.equal([
      'model.name',
      'data.train',
    ]);
    expect((await problems(untrained.replace('splitfed-v1', 'splitfed-v9'))).map(pathOf)).to.deep.equal([
      'trainer.name',
      'data.train',
    ]);
    const cut = valid.replace('name: lenet5', 'name: lenet5, cut: 99');
    expect((await problems(`${cut}defenses: [ { name: pixeldb } ]\n${attacks}`)).map(pathOf)).to.deep.equal([
      'defenses.0.name',
      'attacks.0.name',
      'attacks.2.name',
      'model.cut',
      'attacks.1.victims',
      'attacks.3.auxiliary',
    ]);
  });

  it('tells nothing that may be right once a name is', async () => {
    const deep = `${valid}defenses: [ { name: pixeldp, layer: 3 } ]\nattacks: [ { name: gan-inversion, view: servers } ]\n`;
    for (const [right, wrong] of [
      ['lenet5', 'lenet6'],
      ['splitfed-v1', 'splitfed-v9'],
    ] as const) {
      expect(await problems(deep.replace(right, wrong))).to.have.length(1);
    }
  });
});
