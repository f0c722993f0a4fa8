import type { ModelEntry } from '../../contracts/model.ts';
import { initialization } from '../initializers.ts';
import { conv2d, dense, flatten, maxPool, relu } from '../layers/index.ts';
import { initOption } from './options.ts';

/** LeNet-5 with ReLU and max-pooling; 61,706 parameters on 28×28×1 and 10 classes. */
export const lenet5: ModelEntry = {
  name: 'lenet5',
  summary: 'LeNet-5 with ReLU and max-pooling',
  options: initOption('he'),
  sources: ['LeCun et al. 1998, Fig. 2'],
  defaultCut: 3,
  defaultInit: 'he',
  build: ({ inputShape, classes, init: initName = 'he' }) => {
    const init = initialization(initName);
    const layers = [
      conv2d({ filters: 6, kernel: 5, padding: 'same', init }),
      relu(),
      maxPool(),
      conv2d({ filters: 16, kernel: 5, padding: 'valid', init }),
      relu(),
      maxPool(),
      flatten(),
      dense({ units: 120, init }),
      relu(),
      dense({ units: 84, init }),
      relu(),
      dense({ units: classes, init }),
    ];
    return { name: 'lenet5', inputShape, classes, layers };
  },
};
