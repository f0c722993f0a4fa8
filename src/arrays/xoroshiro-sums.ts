/** The whole sums of xoroshiro128+ (Blackman and Vigna 2018, with the shifts 24, 16 and 37), of which pure-rand gives the low half. */

/** The high and the low half of the first word, then of the second. */
type State = readonly number[];

/** Both halves of one sum after the other, the high one first; returns the state after them. */
export function fillWithSums(into: Int32Array, [high0 = 0, low0 = 0, high1 = 0, low1 = 0]: State): State {
  let h0 = high0 | 0;
  let l0 = low0 | 0;
  let h1 = high1 | 0;
  let l1 = low1 | 0;
  for (let i = 0; i < into.length; i += 2) {
    const low = (l0 + l1) | 0;
    const carry = ((l0 & l1) | ((l0 | l1) & ~low)) >>> 31; // a comparison would be a branch, taken half of the time
    into[i] = h0 + h1 + carry;
    into[i + 1] = low;
    const h = h1 ^ h0;
    const l = l1 ^ l0;
    const shifted = (h0 << 24) ^ (l0 >>> 8);
    l0 = (l0 << 24) ^ (h0 >>> 8) ^ l ^ (l << 16);
    h0 = shifted ^ h ^ ((h << 16) | (l >>> 16));
    l1 = (h << 5) ^ (l >>> 27);
    h1 = (l << 5) ^ (h >>> 27);
  }
  return [h0, l0, h1, l1];
}
