/** The IDX files of MNIST and its kin: a magic number, the dimensions, then unsigned bytes; gzipped or not. */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { counted } from '../arrays/counted.ts';
import type { DataFile, Dataset } from '../contracts/dataset.ts';

/** What a data set was published as: files of its name have this form, or they are refused. */
export interface PublishedData {
  /** `[height, width, channels]` of one example. */
  readonly shape: readonly [number, number, 1];
  /** Labels are 0 to classes − 1. */
  readonly classes: number;
  /** SHA-256 of the uncompressed files, by name. */
  readonly checksums: Readonly<Record<string, string>>;
}

/** What a data set says where a file is missing or wrong. */
export interface IdxSource {
  /** Name of the data set. */
  readonly name: string;
  readonly dir: string;
  /** How to get the files, in a sentence. */
  readonly howToGet: string;
  /** Left out: any images and classes. */
  readonly published?: PublishedData;
  /** Whether files of the published form may hold other examples; default no: their checksums must fit. */
  readonly takesOthers?: boolean;
}

interface IdxFile {
  readonly dimensions: readonly number[];
  readonly bytes: Uint8Array;
  readonly file: DataFile;
}

const fileNames = {
  train: { images: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte' },
  test: { images: 't10k-images-idx3-ubyte', labels: 't10k-labels-idx1-ubyte' },
} as const;

/** One split, whole. Throws an Error that names the file, what was expected, and how to get it. */
export function readIdxSplit(source: IdxSource, split: 'train' | 'test'): { data: Dataset; files: DataFile[] } {
  const names = fileNames[split];
  const images = readIdxFile(source, names.images, 3);
  const labels = readIdxFile(source, names.labels, 1);
  const [size = 0, height = 0, width = 0] = images.dimensions;
  if (labels.dimensions[0] !== size) {
    throw fileError(
      source,
      names.labels,
      `has ${counted(labels.dimensions[0] ?? 0, 'label')}, but ${names.images} has ${counted(size, 'image')}`,
    );
  }
  const shape = [height, width, 1] as const;
  if (source.published) requireForm(source, source.published, { split, shape, labels: labels.bytes });
  const classes = source.published?.classes ?? labels.bytes.reduce((most, label) => Math.max(most, label + 1), 2);
  const data = { name: source.name, split, size, classes, shape, pixels: images.bytes, labels: labels.bytes };
  return { data, files: [images.file, labels.file] };
}

interface GivenSplit {
  readonly split: 'train' | 'test';
  readonly shape: PublishedData['shape'];
  readonly labels: Uint8Array;
}

/** Images of another shape, or labels of other classes, are another data set, whatever their folder is called. */
function requireForm(
  source: IdxSource,
  { shape: [height, width], classes }: PublishedData,
  { split, shape, labels }: GivenSplit,
): void {
  const names = fileNames[split];
  if (shape[0] !== height || shape[1] !== width) {
    const found = `has images of ${shape[0]}×${shape[1]}, but those of "${source.name}" are ${height}×${width}`;
    throw fileError(source, names.images, found);
  }
  const position = labels.findIndex((label) => label >= classes);
  if (position >= 0) {
    const found = `has the label ${labels[position]} at position ${position} (counted from 0)`;
    throw fileError(source, names.labels, `${found}, but labels of "${source.name}" are 0 to ${classes - 1}`);
  }
}

function readIdxFile(source: IdxSource, name: string, rank: 1 | 3): IdxFile {
  const raw = readBytes(source, name);
  const magic = raw.length >= 4 ? raw.readUInt32BE(0) : undefined;
  const expected = 0x0800 + rank; // unsigned bytes, this many dimensions
  if (magic !== expected) {
    const kind = rank === 3 ? 'images' : 'labels';
    throw fileError(
      source,
      name,
      `is no IDX file of ${kind}: it starts with ${hex(magic)} instead of ${hex(expected)}`,
    );
  }
  const header = 4 + 4 * rank;
  if (raw.length < header) throw fileError(source, name, `is cut off within its header, after ${raw.length} bytes`);
  const dimensions = Array.from({ length: rank }, (_, axis) => raw.readUInt32BE(4 + 4 * axis));
  const size = dimensions.reduce((product, dimension) => product * dimension, 1);
  if (raw.length !== header + size) {
    const state = raw.length < header + size ? 'is truncated' : 'has bytes too many';
    throw fileError(
      source,
      name,
      `${state}: ${dimensions.join(' × ')} needs ${header + size} bytes, but it has ${raw.length}`,
    );
  }
  const sha256 = createHash('sha256').update(raw).digest('hex');
  const known = source.published?.checksums[name];
  if (known !== undefined && known !== sha256 && !source.takesOthers) {
    throw fileError(source, name, `is not the published file: its SHA-256 is ${sha256} instead of ${known}`);
  }
  return { dimensions, bytes: new Uint8Array(raw.subarray(header)), file: { file: name, sha256 } };
}

const hex = (magic: number | undefined) =>
  magic === undefined ? 'nothing' : `0x${magic.toString(16).padStart(8, '0')}`;

/** The file's bytes, from `name` or `name.gz`. */
function readBytes(source: IdxSource, name: string): Buffer {
  const plain = join(source.dir, name);
  if (existsSync(plain)) return readFileSync(plain);
  if (!existsSync(`${plain}.gz`)) throw fileError(source, name, 'is missing (so is its .gz)');
  try {
    return gunzipSync(readFileSync(`${plain}.gz`));
  } catch (cause) {
    throw fileError(source, `${name}.gz`, `cannot be unpacked: ${cause instanceof Error ? cause.message : cause}`);
  }
}

function fileError({ name, dir, howToGet }: IdxSource, file: string, problem: string): Error {
  return new Error(`data set "${name}": ${join(dir, file)} ${problem}. ${howToGet}`);
}
