/** Choosing examples for a step, and turning them into arrays. */

import { ndarray, sizeOf, zeros } from '../arrays/ndarray.ts';
import type { Batch, Dataset } from '../contracts/dataset.ts';
import type { Rng } from '../contracts/rng.ts';

/** The indices in random order, cut into batches; the last one may be smaller. */
export function shuffledBatches(indices: Int32Array, batchSize: number, rng: Rng): Int32Array[] {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`batchSize must be a positive integer, but is ${batchSize}.`);
  }
  const order = rng.permutation(indices.length).map((position) => indices[position] as number);
  const count = Math.ceil(order.length / batchSize);
  return Array.from({ length: count }, (_, batch) => order.subarray(batch * batchSize, (batch + 1) * batchSize));
}

/** Each index with probability `rate`, independently of the others: the lot may have any size, and be empty. */
export function poissonLot(indices: Int32Array, rate: number, rng: Rng): Int32Array {
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`a sampling rate must lie in [0, 1], but is ${rate}.`);
  return indices.filter(() => rng.next() < rate);
}

/** The class indices of examples. */
export function labelsOf(data: Dataset, indices: Int32Array): Int32Array {
  return indices.map((index) => data.labels[index] as number);
}

/** Images in [0, 1] and one-hot labels of the examples at these indices. */
export function batchOf(data: Dataset, indices: Int32Array): Batch {
  const size = sizeOf(data.shape);
  const x = zeros([indices.length, ...data.shape]);
  const y = zeros([indices.length, data.classes]);
  const scale = data.pixels instanceof Uint8Array ? 1 / 255 : 1;
  for (const [row, index] of indices.entries()) {
    if (!(index >= 0 && index < data.size)) {
      throw new RangeError(`example ${index} is not in "${data.name}" (${data.split}), which has ${data.size}.`);
    }
    const pixels = data.pixels.subarray(index * size, (index + 1) * size);
    for (let i = 0; i < size; i += 1) x.data[row * size + i] = (pixels[i] as number) * scale;
    y.data[row * data.classes + (data.labels[index] as number)] = 1;
  }
  return { x, y };
}

/** All images of a data set, `[size, height, width, channels]` in [0, 1]. */
export function imagesOf(data: Dataset): Batch['x'] {
  const scale = data.pixels instanceof Uint8Array ? 1 / 255 : 1;
  return ndarray(
    [data.size, ...data.shape],
    Float32Array.from(data.pixels, (pixel) => pixel * scale),
  );
}
