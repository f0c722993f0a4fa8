/** A configuration that no test runs: for results with figures that a test chooses. */

import type { RunConfig } from '../../contracts/experiment.ts';

export const madeAttack = { name: 'inverse-network', view: 'main-server', victims: 4 } as const;

/** Without defenses and attacks. */
export const madeConfig: RunConfig = {
  name: 'made-up',
  data: { name: 'mnist' },
  model: { name: 'lenet5', cut: 3, init: 'he' },
  trainer: {
    name: 'splitfed-v1',
    clients: 5,
    rounds: 2,
    localEpochs: 1,
    batchSize: 64,
    participation: 1,
    partition: { name: 'iid' },
    optimizer: { name: 'sgd', learningRate: 0.05, state: 'reset' },
  },
  defenses: [],
  attacks: [],
  seed: 1,
  ledger: { delta: 1e-5, distance: 1 },
};
