/** ‖M‖ from the cube: the largest output over all inputs with entries ±1. NP-hard in general, so only for few inputs. */

import type { Matrix } from './sensitivity-spectral.ts';

/** Above it the 2^(n − 1) vectors take longer than a second or so. */
export const mostSigns = 20;

/** max over s ∈ {±1}^rows of ‖s M‖_q, exact; by Gray code, so that each step adds one row twice. */
export function largestOverSigns({ rows, columns, data }: Matrix, q: 1 | 2): number {
  if (rows > mostSigns) throw new RangeError(`signs can be enumerated for at most ${mostSigns} inputs, not ${rows}.`);
  const output = new Float64Array(columns);
  for (let i = 0; i < rows * columns; i += 1)
    output[i % columns] = (output[i % columns] as number) + (data[i] as number);
  const signs = new Int8Array(rows).fill(1);
  let largest = normOf(output, q);
  // The last sign stays: −s gives the same norm.
  for (let step = 1; step < 2 ** (rows - 1); step += 1) {
    const flipped = 31 - Math.clz32(step & -step);
    const by = -2 * (signs[flipped] as number);
    signs[flipped] = -(signs[flipped] as number);
    for (let j = 0; j < columns; j += 1)
      output[j] = (output[j] as number) + by * (data[flipped * columns + j] as number);
    largest = Math.max(largest, normOf(output, q));
  }
  return largest;
}

function normOf(values: Float64Array, q: 1 | 2): number {
  let sum = 0;
  for (const value of values) sum += q === 1 ? Math.abs(value) : value * value;
  return q === 1 ? sum : Math.sqrt(sum);
}
