import { expect } from 'chai';
import { catalogues } from '../../cli/catalogues.ts';
import type { RunConfig, TrainerName } from '../../contracts/experiment.ts';
import type { Conditions } from '../results/conditions.ts';
import { setUp } from '../setup.ts';
import { madeConditions } from '../testing/made-conditions.ts';
import { madeConfig } from '../testing/made-config.ts';
import { phasesOf } from './inputs.ts';
import { phaseKey } from './store.ts';
import { trainVictim } from './victim.ts';

const config = (name: TrainerName, changed: { cut?: number; clients?: number; rounds?: number } = {}): RunConfig => ({
  ...madeConfig,
  data: { name: 'mnist', train: 60, test: 10 },
  model: { ...madeConfig.model, name: 'mlp', cut: changed.cut ?? 3 },
  trainer: { ...madeConfig.trainer, name, rounds: changed.rounds ?? 1, clients: changed.clients ?? 2 },
});

const keyOf = (run: RunConfig) => {
  return phaseKey(phasesOf({ config: run, dataFiles: [], views: [] }, madeConditions, ['end']).train);
};

const ignoredKeys = [
  ['federated', { cut: 5 }],
  ['centralized', { cut: 5 }],
  ['centralized', { clients: 4 }],
] as const;

describe('phasesOf', () => {
  for (const [trainer, change] of ignoredKeys) {
    const [key] = Object.keys(change);
    it(`trains one victim for all values of ${key} under ${trainer}, to which it makes no difference`, async () => {
      expect(keyOf(config(trainer, change))).to.equal(keyOf(config(trainer)));
      const victims = [config(trainer), config(trainer, change)].map(async (own) =>
        trainVictim(await setUp(own, { catalogues }), { moments: ['end'] }),
      );
      const [one, other] = await Promise.all(victims);
      expect(other).to.deep.equal(one);
    });
  }

  it('tells victims apart that other kernels or another processor trained', () => {
    const conditions: Conditions[] = [
      madeConditions,
      { ...madeConditions, versions: { 'onnxruntime-node': '1.0.1' } },
      { ...madeConditions, node: '22' },
      { ...madeConditions, cpu: 'another' },
    ];
    const run = { config: config('split'), dataFiles: [], views: [] };
    const keys = conditions.map((own) => phaseKey(phasesOf(run, own, ['end']).train));
    expect(new Set(keys).size).to.equal(4);
    const moved = { ...madeConditions, dataDir: '/elsewhere' }; // the same files by their checksums
    expect(phaseKey(phasesOf(run, moved, ['end']).train)).to.equal(keys[0]);
  });

  it('tells victims apart where it does', () => {
    expect(keyOf(config('splitfed-v1', { cut: 5 }))).to.not.equal(keyOf(config('splitfed-v1')));
    expect(keyOf(config('federated', { clients: 4 }))).to.not.equal(keyOf(config('federated')));
    expect(keyOf(config('centralized', { rounds: 2 }))).to.not.equal(keyOf(config('centralized')));
  });
});
