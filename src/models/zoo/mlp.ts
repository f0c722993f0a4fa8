import type { ModelEntry } from '../../contracts/model.ts';
import { initialization } from '../initializers.ts';
import { dense, flatten, relu } from '../layers/index.ts';
import { initOption } from './options.ts';

/** Two hidden layers of 128 and 64 units. */
export const mlp: ModelEntry = {
  name: 'mlp',
  summary: 'multilayer perceptron: dense 128, dense 64, dense, with ReLU',
  options: initOption('he'),
  sources: [],
  defaultCut: 3,
  defaultInit: 'he',
  build: ({ inputShape, classes, init: initName = 'he' }) => {
    const init = initialization(initName);
    const layers = [
      flatten(),
      dense({ units: 128, init }),
      relu(),
      dense({ units: 64, init }),
      relu(),
      dense({ units: classes, init }),
    ];
    return { name: 'mlp', inputShape, classes, layers };
  },
};
