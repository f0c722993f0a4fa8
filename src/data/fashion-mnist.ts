/** Fashion-MNIST: 60,000 + 10,000 pictures of clothing, from Debian's package or the user's own folder. */

import type { DatasetEntry } from '../contracts/dataset.ts';
import { loadIdx } from './idx-dataset.ts';

const debianFolder = '/usr/share/datasets/fashion-mnist';

export const fashionMnist: DatasetEntry = {
  name: 'fashion-mnist',
  summary: 'pictures of clothing, 60,000 + 10,000, 28×28 gray, 10 classes',
  options: {},
  sources: ['Xiao, Rasul and Vollgraf, Fashion-MNIST, 2017'],
  shape: [28, 28, 1],
  classes: 10,
  classNames: ['T-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'ankle boot'],
  async load(options) {
    const howToGet =
      'Install it (Debian: apt-get install dataset-fashion-mnist), or name the folder of its four files by data.dir or --data-dir.';
    return loadIdx({ name: 'fashion-mnist', dir: options.dir ?? debianFolder, howToGet, minClasses: 10 }, options);
  },
};
