import type { ModelEntry } from '../../contracts/model.ts';
import { initialization, nonNegative } from '../initializers.ts';
import { conv2d, dense, flatten, silu } from '../layers/index.ts';
import { initOption } from './options.ts';

/**
 * Two strided convolutions with SiLU: trains under the noise layer, and gradients of it can be inverted.
 * The first kernel starts non-negative; 40,314 parameters on 28×28×1 and 10 classes.
 */
export const strided: ModelEntry = {
  name: 'strided',
  summary: 'strided convolutions with SiLU, open to both gradient and activation attacks',
  options: initOption('glorot'),
  sources: [],
  defaultCut: 4,
  defaultInit: 'glorot',
  build: ({ inputShape, classes, init: initName = 'glorot' }) => {
    const init = initialization(initName);
    const layers = [
      conv2d({ filters: 6, kernel: 5, stride: 2, padding: 'same', init: nonNegative(init) }),
      silu(),
      conv2d({ filters: 12, kernel: 5, stride: 2, padding: 'same', init }),
      silu(),
      flatten(),
      dense({ units: 64, init }),
      silu(),
      dense({ units: classes, init }),
    ];
    return { name: 'strided', inputShape, classes, layers };
  },
};
