/** Phases of victims whose noise can't be drawn again. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { catalogues } from '../cli/catalogues.ts';
import type { RunConfig } from '../contracts/experiment.ts';
import { loadExperiment } from './config/experiment.ts';
import { phaseStore } from './phases/store.ts';
import { storedEntries } from './phases/stored-entries.ts';
import { executeRun } from './run.ts';

const experiment = `
data: { name: mnist, train: 40, test: 20 }
model: { name: strided, cut: 2 }
trainer: { name: splitfed-v1, clients: 2, rounds: 1, batchSize: 20 }
defenses: [ { name: pixeldp, epsilon: 1 } ]
attacks: [ { name: inverse-network, victims: 4, auxiliary: 20, epochs: 1 } ]
`;

describe('a run with secure noise', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutlayer-secure-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = async (noise: 'secure' | 'seeded') => {
    const file = join(folder, 'secure.yaml');
    writeFileSync(file, experiment);
    const { runs } = await loadExperiment(file, { catalogues });
    const phases = phaseStore({ folder, warn: (message) => expect.fail(message) });
    return executeRun(runs[0] as RunConfig, {
      catalogues,
      engine: 'onnx',
      threads: 1,
      noise,
      phases,
      progress: () => {},
    });
  };
  const counts = () =>
    ['train', 'record', 'attack'].map((phase) => storedEntries(folder).filter((entry) => entry.phase === phase).length);
  const forgetVictim = () => {
    const { key = '' } = storedEntries(folder).find(({ phase }) => phase === 'train') ?? {};
    rmSync(join(folder, `train-${key}`), { recursive: true });
  };

  it('shows an attack the victim at hand, not the one that was removed', async () => {
    await run('secure');
    await run('secure');
    expect(counts()).to.deep.equal([1, 1, 1]);
    forgetVictim();
    await run('secure');
    expect(counts()).to.deep.equal([1, 2, 2]);
  });

  it('finds all again under seeded noise, where the victim becomes the same', async () => {
    await run('seeded');
    forgetVictim();
    await run('seeded');
    expect(counts()).to.deep.equal([1, 1, 1]);
  });
});
