/** Labelled images. */

import type { NdArray } from './array.ts';

export interface Dataset {
  readonly name: string;
  readonly split: 'train' | 'test';
  readonly size: number;
  readonly classes: number;
  /** Of one example: `[height, width, channels]`. */
  readonly shape: readonly [number, number, number];
  /** `[size, height, width, channels]`: bytes stand for value ÷ 255, floats for themselves (in [0, 1]). */
  readonly pixels: Uint8Array | Float32Array;
  /** One class index for each example. */
  readonly labels: Uint8Array;
}

/** Where a data set was read from, for the provenance of a run. */
export interface DataFile {
  readonly file: string;
  readonly sha256: string;
}

export interface DataSplits {
  readonly train: Dataset;
  readonly test: Dataset;
  readonly files: readonly DataFile[];
}

export interface Batch {
  /** `[batch, height, width, channels]` in [0, 1]. */
  readonly x: NdArray;
  /** One-hot labels `[batch, classes]`. */
  readonly y: NdArray;
}
