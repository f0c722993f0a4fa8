/** Places in a configuration that several checks point at. */

import type { ConfigPath } from './problems.ts';

export const modelPath: ConfigPath = ['model', 'name'];
export const cutPath: ConfigPath = ['model', 'cut'];
export const trainerPath: ConfigPath = ['trainer', 'name'];
export const clientsPath: ConfigPath = ['trainer', 'clients'];
export const roundsPath: ConfigPath = ['trainer', 'rounds'];
export const partitionPaths: readonly ConfigPath[] = [
  ['trainer', 'partition', 'name'],
  ['trainer', 'partition', 'perClient'],
];
/** What decides on the training examples and their shape. */
export const dataPaths: readonly ConfigPath[] = [
  ['data', 'train'],
  ['data', 'name'],
  ['data', 'dir'],
];
export const testPaths: readonly ConfigPath[] = [
  ['data', 'test'],
  ['data', 'name'],
  ['data', 'dir'],
];
