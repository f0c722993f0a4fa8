/** The optimizers that a trainer's configuration may name. */

import type { OptimizerConfig } from '../contracts/experiment.ts';
import { adam, momentum, type Optimizer, sgd } from '../models/optimizers.ts';

export function optimizerOf(config: OptimizerConfig): Optimizer {
  switch (config.name) {
    case 'sgd':
      return sgd();
    case 'momentum':
      return momentum({ momentum: config.momentum ?? 0.9 });
    case 'adam':
      return adam();
  }
}
