/** A new experiment: a small comparison of one defense with none, done in seconds. */

import type { Names } from './names.ts';

export const experiment = ({
  name,
}: Pick<Names, 'name'>): string => `# Replace this line: the question that the experiment answers.
# A small setting that runs in seconds and compares a defense with none; "cutlayer show experiment" lists every key.
name: ${name} # results go to results/runs/${name}/
data: { name: mnist, train: 1000, test: 500 } # the first examples of each split; leave the numbers out for all of them
model: { name: strided, cut: 2 } # two layers on the client
trainer:
  name: splitfed-v1
  clients: 2
  rounds: 2
  batchSize: 50
  optimizer: { name: adam, learningRate: 0.004 }
attacks:
  - { name: inverse-network, victims: 20, auxiliary: 1000 }
ledger: { delta: 1e-5, distance: 0.3 } # at which ε is stated
seeds: [1] # intervals and tests need several: [1, 2, 3, 4, 5]
grid: # every combination is run
  defenses:
    - [] # the control: without it nobody knows whether the attack works
    - [{ name: pixeldp, epsilon: 2, distance: 0.3 }]
`;
