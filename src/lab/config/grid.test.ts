import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { catalogues } from '../../cli/catalogues.ts';
import { loadExperiment } from './experiment.ts';

const valid = `data: { name: mnist, train: 60, test: 30 }
model: { name: lenet5 }
trainer: { name: splitfed-v1, clients: 2 }
defenses: [ { name: pixeldp } ]
`;

describe('a grid', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutlayer-grid-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function load(grid: string, sets: string[] = []) {
    const file = join(folder, 'e.yaml');
    writeFileSync(file, `${valid}${grid}`);
    return loadExperiment(file, { catalogues, sets });
  }

  /** Cut, clients, rounds and ε of each run. */
  async function facts(grid: string, sets: string[] = []) {
    const { runs } = await load(grid, sets);
    return runs.map(({ model, trainer, defenses }) => [
      ...[model.cut, trainer.clients, trainer.rounds],
      defenses[0]?.['epsilon'],
    ]);
  }

  async function problems(grid: string, sets: string[] = []): Promise<string[]> {
    const error = await load(grid, sets).catch((thrown: unknown) => thrown);
    expect(error).to.have.property('name', 'ConfigError');
    return (error as Error).message.split('\n').map((line) => line.replace(/^.*?\/e\.yaml/, 'e.yaml'));
  }

  it('walks the lists of zip side by side, as one axis of the product', async () => {
    const grid = `grid:
  model.cut: [ 2, 3 ]
  zip: { trainer.clients: [ 4, 5 ], trainer.rounds: [ 40, 50 ] }`;
    const four = [
      [2, 4, 40, 1],
      [2, 5, 50, 1],
      [3, 4, 40, 1],
      [3, 5, 50, 1],
    ];
    expect(await facts(grid)).to.deep.equal(four);
    const zips = `grid: { zip: [ { model.cut: [ 2, 3 ] }, { trainer.clients: [ 4, 5 ], trainer.rounds: [ 40, 50 ] } ] }`;
    expect(await facts(zips)).to.deep.equal(four);
    expect(await facts(grid, ['grid.zip.trainer.rounds=[1, 2]', 'grid.model.cut=[9]'])).to.deep.equal([
      [9, 4, 1, 1],
      [9, 5, 2, 1],
    ]);
  });

  it('refuses lists of unequal length, paths that are there twice, and what is no record', async () => {
    expect(await problems('grid: { zip: { model.cut: [ 2, 3 ], trainer.clients: [ 3, 4, 5 ] } }')).to.deep.equal([
      'e.yaml:5: grid.zip: walks its lists side by side, but they have 2, 3 values.',
    ]);
    expect((await problems('grid: { model.cut: [ 2 ], zip: { model.cut: [ 3 ] } }')).join()).to.match(
      /grid\.zip\.model\.cut: is in the grid twice/,
    );
    expect((await problems('grid: { zip: [ 3 ] }')).join()).to.match(/grid\.zip\.0: must be a record .* but is 3/);
    expect((await problems('grid: { zip: { modle.cut: [ 3 ] } }')).join()).to.match(/Did you mean "model"/);
    expect((await problems('grid: { zipp: { model.cut: [ 3 ] } }')).join()).to.match(/Did you mean "zip"/);
  });

  it('runs single points beside the product, and alone where there is none', async () => {
    const include = 'include: [ { model.cut: 5, trainer.rounds: 7 }, { defenses: [] } ]';
    expect(await facts(`grid: { model.cut: [ 2, 4 ], ${include} }`)).to.deep.equal([
      ...[
        [2, 2, 10, 1],
        [4, 2, 10, 1],
        [5, 2, 7, 1],
      ],
      [3, 2, 10, undefined],
    ]);
    expect(await facts(`grid: { ${include} }`)).to.deep.equal([
      [5, 2, 7, 1],
      [3, 2, 10, undefined],
    ]);
    expect(await problems('grid:\n  include:\n    - { model.cut: 3 }\n    - { model.cut: 40 }')).to.deep.equal([
      'e.yaml:8 (grid.include[1].model.cut): model.cut: cut must be between 1 and 11 for model "lenet5" (12 layers), but is 40. Trainers "centralized" and "federated" train uncut.',
    ]);
  });

  it('leaves out the points that it excludes, by the values that a run would have', async () => {
    const grid = 'model.cut: [ 2, 3 ], defenses.0.epsilon: [ 1/2, 2 ]';
    const excluded = `grid: { ${grid}, exclude: [ { model.cut: 2, defenses.0.epsilon: 0.5 }, { model.cut: 3, defenses.0.epsilon: 2 } ] }`;
    expect(await facts(excluded)).to.deep.equal([
      [2, 2, 10, 2],
      [3, 2, 10, 0.5],
    ]);
    const optimizers = 'trainer.optimizer: [ { name: sgd }, { name: adam, learningRate: 0.05 }, { name: adam } ]';
    const { runs } = await load(`grid: { ${optimizers}, exclude: [ { trainer.optimizer.learningRate: 0.05 } ] }`);
    expect(
      runs.map(({ trainer }) => trainer.optimizer.learningRate),
      'sgd has 0.05 by default',
    ).to.deep.equal([0.001]);
    const named = await load(`grid: { ${optimizers}, exclude: [ { trainer.optimizer: { name: adam } } ] }`);
    expect(named.runs.map(({ trainer }) => trainer.optimizer.name)).to.deep.equal(['sgd']);
    expect(await problems(`grid:\n  model.cut: [ 2, 3 ]\n  exclude:\n    - { model.cut: 4 }`)).to.deep.equal([
      'e.yaml:8: grid.exclude.0: excludes nothing: no run of the grid has these values.',
    ]);
    expect((await problems('grid: { model.cut: [ 2 ], exclude: [ { model.name: lenet5 } ] }')).join()).to.match(
      /grid\.exclude: leaves no run/,
    );
    expect((await problems('grid: { exclude: { model.cut: 2 } }')).join()).to.match(/must be a list of records/);
  });

  it('takes expressions for numbers, and for lists of them', async () => {
    expect(await facts('grid: { defenses.0.epsilon: "logspace(-1, 1, 3)", model.cut: 2:3 }')).to.deep.equal([
      ...[
        [2, 2, 10, 0.1],
        [3, 2, 10, 0.1],
        [2, 2, 10, 1],
        [3, 2, 10, 1],
        [2, 2, 10, 10],
        [3, 2, 10, 10],
      ],
    ]);
    expect(await facts('grid: { defenses.0.epsilon: [ 2^-3, 2^3 ] }', ['trainer.rounds=2*3'])).to.deep.equal([
      [3, 2, 6, 0.125],
      [3, 2, 6, 8],
    ]);
    expect((await load('seeds: 1:4')).runs.map(({ seed }) => seed)).to.deep.equal([1, 2, 3, 4]);
  });

  it('says why a text is no such expression', async () => {
    expect(await problems('grid: { model.cut: [ 2^^3 ] }')).to.deep.equal([
      'e.yaml:5 (grid.model.cut[0]): model.cut: must be a whole number from 1 on, but is "2^^3" (Value expected (char 3)).',
    ]);
    expect((await problems('grid: { model.cut: [ 1/2 ] }')).join()).to.match(/but is 0\.5/);
    expect((await problems('grid:\n  model.cut: geomspace(1, 2)')).join()).to.match(
      /or an expression for one, but is "geomspace\(1, 2\)" \("geomspace" is not known; there are sqrt/,
    );
  });
});
