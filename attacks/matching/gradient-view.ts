/** Where an attacker of gradients gets them from: the three views that hold one, read into one form. */

import type { AllOf, AnyAttack, Attack, Knowledge, Secrets, ViewName, Views } from '../../src/contracts/attack.ts';
import type { Params } from '../../src/contracts/model.ts';
import type { Rng } from '../../src/contracts/rng.ts';
import { initWeights } from '../../src/models/network.ts';

/** What was seen of one exchange, and the parameters that the attacker will simulate it with. */
export interface SeenGradient {
  /** Of all layers. */
  readonly params: Params;
  /** Of the first layers: of all, or of the client part. */
  readonly gradient: Params;
  /** Where the view shows them. */
  readonly labels: Int32Array | undefined;
}

export interface GradientView<V extends ViewName, S extends keyof Secrets> {
  readonly view: V;
  readonly knows: AllOf<S>;
  read(seen: Views[V], knowledge: Knowledge<S>, rng: Rng): SeenGradient;
}

export const gradientViews = ['server', 'servers', 'fed-server'] as const;
export type GradientViewName = (typeof gradientViews)[number];

/** An attack on whichever view, from one recipe that only looks at the seen gradient. */
export type AttackRecipe = <V extends ViewName, S extends keyof Secrets>(source: GradientView<V, S>) => Attack<V, S>;

export interface ViewOptions {
  /** fed-server: the main server lends its part's parameters. */
  readonly knowsServer: boolean;
}

/** @throws RangeError for a view that holds no gradient of the client part. */
export function attackOnView(view: ViewName, { knowsServer }: ViewOptions, recipe: AttackRecipe): AnyAttack {
  switch (view) {
    case 'server':
      return recipe(wholeModel);
    case 'servers':
      return recipe(bothServers);
    case 'fed-server':
      return knowsServer ? recipe(clientPart) : recipe(clientPartAlone);
    default:
      throw new RangeError(`view must be one of ${gradientViews.join(', ')}, but is "${view}".`);
  }
}

/** The federated server sees the update of the whole model. */
const wholeModel: GradientView<'server', never> = {
  view: 'server',
  knows: [],
  read: (seen) => ({ ...seen, labels: undefined }),
};

/** Main server and fed server put their halves together. The smashed data are not used. */
const bothServers: GradientView<'servers', never> = {
  view: 'servers',
  knows: [],
  read: (seen) => ({
    params: [...seen.clientParams, ...seen.serverParams],
    gradient: [...seen.clientGradient, ...seen.serverGradient],
    labels: seen.labels,
  }),
};

/** The fed server sees the client part's gradient; the server part's parameters, but no messages, come from the main server. */
const clientPart: GradientView<'fed-server', 'serverParams'> = {
  view: 'fed-server',
  knows: ['serverParams'],
  read: (seen, { serverParams }) => ({
    params: [...seen.clientParams, ...serverParams],
    gradient: seen.clientGradient,
    labels: undefined,
  }),
};

/**
 * The fed server by itself: a random server part stands for the real one. Nothing that was tried reconstructs images from
 * this (one client gradient fits many images); it is here so that the difference can be seen.
 */
const clientPartAlone: GradientView<'fed-server', never> = {
  view: 'fed-server',
  knows: [],
  read: (seen, { model, cut }, rng) => ({
    params: [...seen.clientParams, ...initWeights(model, rng.fork('surrogate server')).params.slice(cut)],
    gradient: seen.clientGradient,
    labels: undefined,
  }),
};
