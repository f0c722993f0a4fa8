/** Data sets that are a folder of IDX files. */

import type { DataSplits, DatasetEntry, LoadOptions } from '../contracts/dataset.ts';
import { type IdxSource, readIdxSplit } from './idx.ts';
import { idxWarnings } from './idx-warnings.ts';
import { firstExamples } from './subset.ts';

/** Both splits, each cut to the first examples asked for. */
export function loadIdx(source: IdxSource, { train, test }: LoadOptions): DataSplits {
  const trainSplit = readIdxSplit(source, 'train');
  const testSplit = readIdxSplit(source, 'test');
  const classes = Math.max(trainSplit.data.classes, testSplit.data.classes);
  const files = [...trainSplit.files, ...testSplit.files];
  return {
    train: firstExamples({ ...trainSplit.data, classes }, train),
    test: firstExamples({ ...testSplit.data, classes }, test),
    files,
    warnings: idxWarnings(source, { files, classes, labels: [trainSplit.data.labels, testSplit.data.labels] }),
  };
}

/** The user's own files. */
export const idx: DatasetEntry = {
  name: 'idx',
  summary: 'your own four IDX files, named like those of MNIST, in data.dir',
  options: {},
  sources: ['LeCun et al., the MNIST database: file format'],
  async load(options) {
    const { dir } = options;
    const howToGet =
      'Put train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte (or each with .gz) there.';
    if (dir === undefined)
      throw new Error(`data set "idx" needs a folder: set data.dir, or pass --data-dir. ${howToGet}`);
    return loadIdx({ name: 'idx', dir, howToGet }, options);
  },
};
