/** Labelled images. */

import type { NdArray } from './array.ts';
import type { CatalogueEntry } from './options.ts';

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
  /** What a person should know of these data before trusting a result; whole sentences. */
  readonly warnings: readonly string[];
}

export interface Batch {
  /** `[batch, height, width, channels]` in [0, 1]. */
  readonly x: NdArray;
  /** One-hot labels `[batch, classes]`. */
  readonly y: NdArray;
}

export interface LoadOptions {
  /** How many examples, the first of the split; all where left out. */
  readonly train?: number | undefined;
  readonly test?: number | undefined;
  /** The user's own folder of files. */
  readonly dir?: string | undefined;
}

/** A data set that can be named in a configuration. */
export interface DatasetEntry extends CatalogueEntry {
  /** Where known without reading any file; the user's own data are known only once read. */
  readonly shape?: readonly [number, number, number];
  readonly classes?: number;
  readonly classNames?: readonly string[];
  /** Throws an Error that says which file, what was expected and how to get it; RangeError for more examples than there are. */
  load(options: LoadOptions): Promise<DataSplits>;
}
