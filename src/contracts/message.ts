/** Everything that goes from one party to another. */

import type { NdArray } from './array.ts';
import type { Weights } from './model.ts';

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

/** Fed server (main server in split learning, on behalf of the client before) to client: weights to start from. */
export interface GlobalModel extends Addressed {
  readonly kind: 'global-model';
  readonly weights: Weights;
}

/** Client to fed server (main server in split learning): new − old weights. */
export interface ClientUpdate extends Addressed {
  readonly kind: 'client-update';
  readonly update: Weights;
  /** Whether the update's norm was at most the clipping norm; under adaptive clipping of updates only. */
  readonly isBelowClip?: boolean;
}

export type Message = SmashedData | CutGradient | GlobalModel | ClientUpdate;
