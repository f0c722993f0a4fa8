/** The five trainers: what differs between them is who owns which parameters, and when they are averaged. */

import type { ViewName } from '../contracts/attack.ts';
import type { TrainerName } from '../contracts/experiment.ts';
import type { CatalogueEntry } from '../contracts/options.ts';

export interface Protocol extends CatalogueEntry {
  readonly name: TrainerName;
  /** The main server trains the layers behind the cut; without it every layer is the client's. */
  readonly hasServer: boolean;
  /** All examples in one place, nothing sent. */
  readonly isCentral: boolean;
  /** `averaged`: one client part each, averaged at the end of a round; `handed-on`: one, from client to client. */
  readonly clientPart: 'averaged' | 'handed-on';
  /** `averaged`: one copy for each client, averaged at the end of a round; `shared`: one, updated at every batch. */
  readonly serverPart: 'averaged' | 'shared';
  /** In which order clients take their turns where a shared part makes it matter. */
  readonly order: 'given' | 'random';
  /** What its servers are given to see, alone or together; an attacker takes one of these views. */
  readonly views: readonly ViewName[];
}

const splitFed = 'Thapa et al., SplitFed: When Federated Learning Meets Split Learning, AAAI 2022';

export const protocols: readonly Protocol[] = [
  {
    name: 'centralized',
    summary: 'one party with all examples and the whole model; nothing is sent',
    hasServer: false,
    isCentral: true,
    clientPart: 'handed-on',
    serverPart: 'shared',
    order: 'given',
    views: [],
    options: {},
    sources: [],
  },
  {
    name: 'federated',
    summary: 'FedAvg: the whole model on each client, averaged by the fed server every round',
    hasServer: false,
    isCentral: false,
    clientPart: 'averaged',
    serverPart: 'shared',
    order: 'given',
    views: ['server'],
    options: {},
    sources: ['McMahan et al., Communication-Efficient Learning of Deep Networks, AISTATS 2017, Algorithm 1'],
  },
  {
    name: 'split',
    summary: 'split learning: one client part handed from client to client, one server part',
    hasServer: true,
    isCentral: false,
    clientPart: 'handed-on',
    serverPart: 'shared',
    order: 'given',
    views: ['main-server', 'servers'], // the client part goes through the main server, which is both
    options: {},
    sources: ['Gupta and Raskar, Distributed Learning of Deep Neural Network over Multiple Agents, 2018'],
  },
  {
    name: 'splitfed-v1',
    summary: 'clients in parallel, each with a server copy; both sides averaged every round',
    hasServer: true,
    isCentral: false,
    clientPart: 'averaged',
    serverPart: 'averaged',
    order: 'given',
    views: ['main-server', 'fed-server', 'servers'],
    options: {},
    sources: [`${splitFed}, Algorithms 1 and 2`],
  },
  {
    name: 'splitfed-v2',
    summary: 'clients in random order on one server part; client parts averaged every round',
    hasServer: true,
    isCentral: false,
    clientPart: 'averaged',
    serverPart: 'shared',
    order: 'random',
    views: ['main-server', 'fed-server', 'servers'],
    options: {},
    sources: [`${splitFed}, section Variants`],
  },
];

export function protocolOf(name: TrainerName): Protocol {
  const protocol = protocols.find((candidate) => candidate.name === name);
  if (!protocol) {
    throw new RangeError(`trainer must be one of ${protocols.map((p) => p.name).join(', ')}, but is "${name}".`);
  }
  return protocol;
}
