/** Some of a data set's examples. */

import type { Dataset } from '../contracts/dataset.ts';

/** The examples at these indices, in this order. */
export function subset(data: Dataset, indices: Int32Array): Dataset {
  const size = data.shape.reduce((product, dimension) => product * dimension, 1);
  const pixels =
    data.pixels instanceof Uint8Array ? new Uint8Array(indices.length * size) : new Float32Array(indices.length * size);
  for (const [row, index] of indices.entries()) {
    pixels.set(data.pixels.subarray(index * size, (index + 1) * size), row * size);
  }
  const labels = Uint8Array.from(indices, (index) => data.labels[index] as number);
  return { ...data, size: indices.length, pixels, labels };
}

/** The first `count` examples; all where left out. Throws a RangeError where there are fewer. */
export function firstExamples(data: Dataset, count: number | undefined): Dataset {
  if (count === undefined || count === data.size) return data;
  if (!Number.isInteger(count) || count < 1 || count > data.size) {
    throw new RangeError(
      `data.${data.split} must be between 1 and ${data.size}, the examples that "${data.name}" has, but is ${count}.`,
    );
  }
  return subset(
    data,
    Int32Array.from({ length: count }, (_, index) => index),
  );
}
