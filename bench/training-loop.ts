import type { NdArray } from '../src/contracts/array.ts';

/** The losses of the first three steps: the second and third show whether the updates agree. */
export async function lossesOf(step: () => Promise<NdArray>): Promise<number[]> {
  const losses: number[] = [];
  for (let k = 0; k < 3; k += 1) losses.push((await step()).data[0]);
  return losses;
}
