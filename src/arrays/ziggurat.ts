/**
 * Normal draws by the Ziggurat of Marsaglia and Tsang (2000, «The Ziggurat Method for Generating Random Variables»): the area under
 * exp(−x² ÷ 2) in layers of one area, each above the other. A point in a layer mostly lies where the next layer reaches to, and so
 * under the curve: 64 random bits and no function. Elsewhere the curve decides. So draws are normal up to float64 rounding, with
 * 53 random bits each, and tails reach 12.2 standard deviations.
 */

/** Random words of 32 bits. */
export interface Words {
  /** One word, as an integer in [0, 2³²). */
  next(): number;
  /** As many words as the array holds, an even number. */
  fill(into: Int32Array): void;
}

/** 53 random bits in [0, 1). */
export function unitOf(words: Words): number {
  return (words.next() * 2 ** 21 + (words.next() >>> 11)) * 2 ** -53;
}

const layers = 256;
/** Where the tail begins, the one for which all layers have the same area, and that area: r · exp(−r² ÷ 2) and the tail's. */
export const tailStart = 3.6541528853610088;
export const layerArea = 0.004928673233974658;

const density = (x: number) => Math.exp(-0.5 * x * x);

/** How far each layer reaches, from the lowest, as if it had no tail, to an empty one above the highest. */
export const reaches = reachesOfLayers();
const floors = reaches.map(density);
/** A layer's reach for each of the 2⁵³ steps from −1 to 1. */
const scales = reaches.map((reach) => reach * 2 ** -52);

function reachesOfLayers(): Float64Array {
  const list = new Float64Array(layers + 1);
  list[0] = layerArea / density(tailStart);
  list[1] = tailStart;
  for (let layer = 2; layer < layers; layer += 1) {
    const below = list[layer - 1] as number;
    list[layer] = Math.sqrt(-2 * Math.log(density(below) + layerArea / below));
  }
  return list;
}

/** Of how many draws the words are asked for at once. */
const blockSize = 512;

export function normals(count: number, words: Words): Float32Array {
  const values = new Float32Array(count);
  const block = new Int32Array(2 * Math.min(count, blockSize));
  let filled = 0;
  while (filled < count) {
    const own = block.subarray(0, 2 * (count - filled));
    words.fill(own);
    for (let i = 0; i < own.length; i += 2) {
      const low = own[i + 1] as number;
      const layer = low >>> 24; // not the lowest bits, which are the generator's weakest
      const x = ((own[i] as number) * 2 ** 21 + ((low >>> 3) & 0x1fffff)) * (scales[layer] as number);
      const isInside = Math.abs(x) < (reaches[layer + 1] as number);
      if (isInside || isUnderCurve(layer, x, words)) values[filled++] = x;
      else if (layer === 0) values[filled++] = Math.sign(x) * tailDraw(words);
    }
  }
  block.fill(0); // what was given out is not kept
  return values;
}

/** Of a point between the next layer's reach and this one's, at a height of its own; the lowest layer has none there. */
function isUnderCurve(layer: number, x: number, words: Words): boolean {
  if (layer === 0) return false;
  const floor = floors[layer] as number;
  const ceiling = floors[layer + 1] as number;
  return floor + unitOf(words) * (ceiling - floor) < density(x);
}

/** Beyond `tailStart` (Marsaglia 1964): an exponential draw, taken with probability exp(−its square ÷ 2). */
function tailDraw(words: Words): number {
  for (;;) {
    const beyond = -Math.log(1 - unitOf(words)) / tailStart;
    if (-2 * Math.log(1 - unitOf(words)) > beyond * beyond) return tailStart + beyond;
  }
}
