import type { ModelEntry } from '../../contracts/model.ts';
import { initialization } from '../initializers.ts';
import { conv2d, dense, flatten, sigmoid } from '../layers/index.ts';
import { initOption } from './options.ts';

/** The smooth, strided victim of deep leakage; all weights and biases start from U(−0.5, 0.5). */
export const lenetZhu: ModelEntry = {
  name: 'lenet-zhu',
  summary: "deep leakage's own victim: strided convolutions with sigmoid, no pooling",
  options: initOption('uniform'),
  sources: ['Zhu et al. 2019 (DLG), github.com/mit-han-lab/dlg models/vision.py'],
  defaultCut: 2,
  defaultInit: 'uniform',
  build: ({ inputShape, classes, init: initName = 'uniform' }) => {
    const init = initialization(initName);
    const convolution = (stride: number) => conv2d({ filters: 12, kernel: 5, stride, padding: 2, init });
    const layers = [
      convolution(2),
      sigmoid(),
      convolution(2),
      sigmoid(),
      convolution(1),
      sigmoid(),
      flatten(),
      dense({ units: classes, init }),
    ];
    return { name: 'lenet-zhu', inputShape, classes, layers };
  },
};
