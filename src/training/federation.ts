/** Everything that goes on from round to round. */

import type { Weights } from '../contracts/model.ts';
import type { OptimizerState } from '../models/optimizers.ts';
import type { Protocol } from './protocol.ts';
import type { Step } from './step.ts';
import type { GlobalWeights, TrainingTask } from './task.ts';
import type { Wire } from './wire.ts';

export interface Federation {
  readonly task: TrainingTask;
  readonly protocol: Protocol;
  readonly step: Step;
  readonly wire: Wire;
  readonly freshOptimizer: (weights: Weights) => OptimizerState;
  /** Optimizer states that stay with a client, by party and client. */
  readonly kept: Map<string, OptimizerState>;
  readonly releases: readonly Int32Array[];
  readonly steps: number[];
  /** The clipping norm of each client, where it adapts. */
  readonly clipNorms: number[];
  /** The clipping norm of client updates; of the next round, where it adapts. */
  updateClipNorm: number;
  global: GlobalWeights;
}
