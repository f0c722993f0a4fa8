/** The discrete Fourier transform of real numbers, in double precision, for lengths that are powers of two. */

/** Half a spectrum: bins 0 … n/2 of a real sequence of length n. */
export interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

interface Tables {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
  readonly reversed: Uint32Array;
}

const cache = new Map<number, Tables>();

/** cos and sin of 2πk/n for k < n/2, and the bit reversal of a complex transform of length n. */
function tablesOf(n: number): Tables {
  const known = cache.get(n);
  if (known !== undefined) return known;
  const tables = { cos: new Float64Array(n / 2), sin: new Float64Array(n / 2), reversed: new Uint32Array(n) };
  for (let k = 0; k < n / 2; k++) {
    tables.cos[k] = Math.cos((2 * Math.PI * k) / n);
    tables.sin[k] = Math.sin((2 * Math.PI * k) / n);
  }
  for (let k = 1; k < n; k++) tables.reversed[k] = (tables.reversed[k >> 1] >> 1) | (k & 1 ? n >> 1 : 0);
  cache.set(n, tables);
  return tables;
}

function permute({ re, im }: Spectrum, reversed: Uint32Array): void {
  for (let k = 0; k < re.length; k++) {
    const j = reversed[k];
    if (j <= k) continue;
    const [a, b] = [re[k], im[k]];
    re[k] = re[j];
    im[k] = im[j];
    re[j] = a;
    im[j] = b;
  }
}

/** One pass of butterflies of width `half`; `sign` −1 is the forward transform. Runs along memory. */
function butterflies({ re, im }: Spectrum, { cos, sin }: Tables, { half, sign }: { half: number; sign: number }): void {
  const n = re.length;
  const stride = n / (2 * half);
  for (let top = 0; top < n; top += 2 * half) {
    for (let j = 0, w = 0; j < half; j++, w += stride) {
      const [high, low] = [top + j, top + j + half];
      const c = cos[w];
      const s = sign * sin[w];
      const x = re[low] * c - im[low] * s;
      const y = re[low] * s + im[low] * c;
      re[low] = re[high] - x;
      im[low] = im[high] - y;
      re[high] += x;
      im[high] += y;
    }
  }
}

/** The first two passes at once: their factors are 1 and ±i. */
function fourPoints({ re, im }: Spectrum, sign: number): void {
  for (let k = 0; k < re.length; k += 4) {
    const [aRe, aIm, bRe, bIm] = [re[k] + re[k + 1], im[k] + im[k + 1], re[k] - re[k + 1], im[k] - im[k + 1]];
    const [cRe, cIm] = [re[k + 2] + re[k + 3], im[k + 2] + im[k + 3]];
    const [dRe, dIm] = [-sign * (im[k + 2] - im[k + 3]), sign * (re[k + 2] - re[k + 3])];
    re[k] = aRe + cRe;
    im[k] = aIm + cIm;
    re[k + 2] = aRe - cRe;
    im[k + 2] = aIm - cIm;
    re[k + 1] = bRe + dRe;
    im[k + 1] = bIm + dIm;
    re[k + 3] = bRe - dRe;
    im[k + 3] = bIm - dIm;
  }
}

/** In place, without scaling: Σ z_j e^(sign · 2πi jk/n). */
function transform(data: Spectrum, sign: 1 | -1): void {
  const tables = tablesOf(data.re.length);
  permute(data, tables.reversed);
  if (data.re.length >= 4) fourPoints(data, sign);
  for (let half = data.re.length >= 4 ? 4 : 1; half < data.re.length; half *= 2)
    butterflies(data, tables, { half, sign });
}

/** X_k = Σ x_j e^(−2πi jk/n), k = 0 … n/2, of a real sequence whose length n ≥ 4 is a power of two. */
export function forward(values: Float64Array): Spectrum {
  const half = values.length / 2;
  const packed = { re: new Float64Array(half), im: new Float64Array(half) };
  for (let j = 0; j < half; j++) {
    packed.re[j] = values[2 * j];
    packed.im[j] = values[2 * j + 1];
  }
  transform(packed, -1);
  const { cos, sin } = tablesOf(values.length);
  const out = { re: new Float64Array(half + 1), im: new Float64Array(half + 1) };
  for (let k = 0; k <= half; k++) {
    const [i, j] = [k % half, (half - k) % half];
    const [evenRe, evenIm] = [0.5 * (packed.re[i] + packed.re[j]), 0.5 * (packed.im[i] - packed.im[j])];
    const [oddRe, oddIm] = [0.5 * (packed.im[i] + packed.im[j]), 0.5 * (packed.re[j] - packed.re[i])];
    const [c, s] = k === half ? [-1, 0] : [cos[k], -sin[k]];
    out.re[k] = evenRe + oddRe * c - oddIm * s;
    out.im[k] = evenIm + oddRe * s + oddIm * c;
  }
  return out;
}

/** The real sequence that has this spectrum. */
export function inverse({ re, im }: Spectrum): Float64Array {
  const half = re.length - 1;
  const { cos, sin } = tablesOf(2 * half);
  const packed = { re: new Float64Array(half), im: new Float64Array(half) };
  for (let k = 0; k < half; k++) {
    const j = half - k;
    const [evenRe, evenIm] = [0.5 * (re[k] + re[j]), 0.5 * (im[k] - im[j])];
    const [diffRe, diffIm] = [0.5 * (re[k] - re[j]), 0.5 * (im[k] + im[j])];
    const [oddRe, oddIm] = [diffRe * cos[k] - diffIm * sin[k], diffRe * sin[k] + diffIm * cos[k]];
    packed.re[k] = evenRe - oddIm;
    packed.im[k] = evenIm + oddRe;
  }
  transform(packed, 1);
  const out = new Float64Array(2 * half);
  for (let j = 0; j < half; j++) {
    out[2 * j] = packed.re[j] / half;
    out[2 * j + 1] = packed.im[j] / half;
  }
  return out;
}
