/** All data sets. To add one: its file, its test, and a line here. */

import type { DatasetEntry } from '../contracts/dataset.ts';
import { fashionMnist } from './fashion-mnist.ts';
import { idx } from './idx-dataset.ts';
import { mnist } from './mnist.ts';

export const datasets: readonly DatasetEntry[] = [mnist, fashionMnist, idx];

export { batchOf, labelsOf, poissonLot, shuffledBatches } from './batches.ts';
export { partition } from './partition.ts';
export { firstExamples, subset } from './subset.ts';
