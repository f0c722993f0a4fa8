import { expect } from 'chai';
import { attacks } from '../../attacks/index.ts';
import type { AttackEntry, ViewName } from '../contracts/attack.ts';
import type { TrainerName } from '../contracts/experiment.ts';
import { protocols } from '../training/protocol.ts';
import { requireOffered } from './offered-views.ts';

const views: readonly ViewName[] = ['server', 'main-server', 'fed-server', 'servers'];
const any: Pick<AttackEntry, 'name' | 'views'> = { name: 'any', views };

/** By the parties that there are. */
const expected: Readonly<Record<TrainerName, readonly ViewName[]>> = {
  centralized: [], // nothing is sent
  federated: ['server'],
  split: ['main-server', 'servers'], // the main server hands the client part on: it sees both, and there is no other
  'splitfed-v1': ['main-server', 'fed-server', 'servers'],
  'splitfed-v2': ['main-server', 'fed-server', 'servers'],
};

describe('requireOffered', () => {
  for (const { name } of protocols) {
    it(`${name}: lets ${expected[name].join(', ') || 'no view'} pass`, () => {
      const refused = views.filter((view) => !expected[name].includes(view));
      for (const view of expected[name]) expect(() => requireOffered(view, name, any), view).not.to.throw();
      for (const view of refused) {
        const what = `view "${view}" is of a party that trainer "${name}" does not have`;
        expect(() => requireOffered(view, name, any), view).to.throw(RangeError, what);
      }
    });
  }

  it('says what there is instead', () => {
    expect(() => requireOffered('server', 'centralized', any)).to.throw(
      /it offers no view, since nothing is sent\. Attack "any" needs one of .*: take trainer federated or split or/,
    );
    expect(() => requireOffered('server', 'split', any)).to.throw(
      /it offers main-server, servers\. Attack "any" can take main-server or servers\.$/,
    );
  });

  it('lets every attack’s default view pass with some trainer of each kind', () => {
    for (const { name, views: own, defaultView } of attacks) {
      for (const trainer of ['split', 'splitfed-v1', 'splitfed-v2'] as const)
        expect(
          () => requireOffered(defaultView({ hasServer: true }), trainer, { name, views: own }),
          name,
        ).not.to.throw();
    }
  });
});
