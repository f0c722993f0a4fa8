/** Fashion-MNIST: 60,000 + 10,000 pictures of clothing, from Debian's package or the user's own folder. */

import type { DatasetEntry } from '../contracts/dataset.ts';
import type { PublishedData } from './idx.ts';
import { loadIdx } from './idx-dataset.ts';

const debianFolder = '/usr/share/datasets/fashion-mnist';

/** As Zalando published it; Debian packs the same bytes anew. */
const published: PublishedData = {
  shape: [28, 28, 1],
  classes: 10,
  checksums: {
    't10k-images-idx3-ubyte': '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    't10k-labels-idx1-ubyte': '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
    'train-images-idx3-ubyte': 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    'train-labels-idx1-ubyte': 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
  },
};

export const fashionMnist: DatasetEntry = {
  name: 'fashion-mnist',
  summary: 'pictures of clothing, 60,000 + 10,000, 28×28 gray, 10 classes',
  options: {},
  sources: ['Xiao, Rasul and Vollgraf, Fashion-MNIST, 2017'],
  shape: published.shape,
  classes: published.classes,
  classNames: ['T-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'ankle boot'],
  async load(options) {
    const howToGet =
      'Install it (Debian: apt-get install dataset-fashion-mnist), or name the folder of its four files by data.dir or --data-dir; other images of your own are data.name: idx.';
    const { dir } = options;
    const source = { name: 'fashion-mnist', dir: dir ?? debianFolder, howToGet, published };
    return loadIdx({ ...source, takesOthers: dir !== undefined }, options);
  },
};
