import { expect } from 'chai';
import type { RunConfig } from '../contracts/experiment.ts';
import type { MissingRun } from './plan.ts';
import type { StoredRun } from './results/store.ts';
import { inGoodOrder } from './schedule.ts';
import { madeAttack, madeConfig } from './testing/made-config.ts';

const attackOf = (victims: number): RunConfig['attacks'][number] => ({ ...madeAttack, victims });
const missing = (victim: string, ...victims: number[]): MissingRun =>
  ({
    run: { config: { ...madeConfig, attacks: victims.map(attackOf) } },
    phases: { train: { phase: 'train', inputs: victim } },
  }) as unknown as MissingRun;
const timed = (seconds: Readonly<Record<number, number>>): StoredRun[] =>
  Object.entries(seconds).map(
    ([victims, own]) =>
      ({ result: { attacks: [{ attack: attackOf(Number(victims)), seconds: own }] } }) as unknown as StoredRun,
  );

describe('inGoodOrder', () => {
  it('begins with one run of each victim, in the order of the experiment where nothing is known', () => {
    const [a1, a2, a3, b1, b2] = [missing('a', 1), missing('a', 2), missing('a', 3), missing('b', 1), missing('b', 2)];
    expect(inGoodOrder([a1, a2, a3, b1, b2], [])).to.deep.equal([a1, b1, a2, a3, b2]);
  });

  it('takes the longest first, by what attacks took before', () => {
    const runs = [1, 2, 3, 4].map((victims) => missing('a', victims));
    const order = inGoodOrder(runs, timed({ 1: 5, 2: 20, 3: 10, 4: 1 }));
    expect(order.map((run) => runs.indexOf(run) + 1)).to.deep.equal([2, 3, 1, 4]);
  });

  it('adds up the attacks of a run, and goes by others of the name where options are new', () => {
    const runs = [missing('a', 1), missing('a', 7), missing('a', 1, 1, 1)];
    const order = inGoodOrder(runs, timed({ 1: 4, 2: 6 })); // 4, their mean 5, and 12
    expect(order.map((run) => runs.indexOf(run))).to.deep.equal([2, 1, 0]);
  });
});
