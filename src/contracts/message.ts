/** Everything that goes from one party to another. */

import type { NdArray } from './array.ts';
import type { Params } from './model.ts';

export type Party = 'main-server' | 'fed-server' | `client-${number}`;

interface Addressed {
  readonly from: Party;
  readonly to: Party;
}

/** Client to main server: the client part's output, with the labels in clear (`[batch]` class indices). */
export interface SmashedData extends Addressed {
  readonly kind: 'smashed-data';
  readonly smashed: NdArray;
  readonly labels: Int32Array;
}

/** Main server to client: the gradient of the mean loss at the cut. */
export interface CutGradient extends Addressed {
  readonly kind: 'cut-gradient';
  readonly cutGradient: NdArray;
}

/** Fed server (or the client before, in split learning) to client: parameters to start from. */
export interface GlobalModel extends Addressed {
  readonly kind: 'global-model';
  readonly params: Params;
}

/** Client to fed server: new − old parameters, with the number of examples that weighs them. */
export interface ClientUpdate extends Addressed {
  readonly kind: 'client-update';
  readonly update: Params;
  readonly examples: number;
}

export type Message = SmashedData | CutGradient | GlobalModel | ClientUpdate;
