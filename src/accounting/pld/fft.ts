/**
 * The discrete Fourier transform of real numbers, in double precision, for lengths that are powers of two.
 *
 * Loops declare their numbers one by one: `const [a, b] = [x, y]` takes four times as long there.
 */

/** Half a spectrum: bins 0 … n/2 of a real sequence of length n. */
export interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

function emptySpectrum(length: number): Spectrum {
  return { re: new Float64Array(length), im: new Float64Array(length) };
}

/** What `make` makes of n, made once and kept. */
function kept<T>(make: (n: number) => T): (n: number) => T {
  const known = new Map<number, T>();
  return (n) => {
    const value = known.get(n) ?? make(n);
    known.set(n, value);
    return value;
  };
}

interface Twiddles {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

/** cos and sin of 2πk/n for k < n: of a quarter turn, the others by symmetry. */
const twiddlesOf = kept((n): Twiddles => {
  const [cos, sin] = [new Float64Array(n), new Float64Array(n)];
  const quarter = n / 4;
  for (let k = 0; k < quarter; k++) {
    const c = Math.cos((2 * Math.PI * k) / n);
    const s = Math.sin((2 * Math.PI * k) / n);
    cos[k] = c;
    sin[k] = s;
    cos[k + quarter] = -s;
    sin[k + quarter] = c;
    cos[k + 2 * quarter] = -c;
    sin[k + 2 * quarter] = -s;
    cos[k + 3 * quarter] = s;
    sin[k + 3 * quarter] = -c;
  }
  return { cos, sin };
});

/** Two arrays, of which each pass of a transform reads one and writes the other. */
const buffersOf = kept((n) => [emptySpectrum(n), emptySpectrum(n)] as const);

/** One pass of Stockham's algorithm, which puts numbers in order on the way, by four. `stride` is what passes before have made of 1. */
function passByFour({ re, im }: Spectrum, to: Spectrum, { cos, sin, stride }: Twiddles & { stride: number }): void {
  const quarter = re.length / 4;
  const [outRe, outIm] = [to.re, to.im];
  for (let start = 0; start < quarter; start += stride) {
    const c1 = cos[start];
    const c2 = cos[2 * start];
    const c3 = cos[3 * start];
    const s1 = sin[start];
    const s2 = sin[2 * start];
    const s3 = sin[3 * start];
    for (let i = start, out = 4 * start; i < start + stride; i++, out++) {
      const aRe = re[i];
      const bRe = re[i + quarter];
      const cRe = re[i + 2 * quarter];
      const dRe = re[i + 3 * quarter];
      const aIm = im[i];
      const bIm = im[i + quarter];
      const cIm = im[i + 2 * quarter];
      const dIm = im[i + 3 * quarter];
      const evenRe = aRe + cRe;
      const evenIm = aIm + cIm;
      const oddRe = bRe + dRe;
      const oddIm = bIm + dIm;
      outRe[out] = evenRe + oddRe;
      outIm[out] = evenIm + oddIm;
      const x1 = aRe - cRe + (bIm - dIm);
      const y1 = aIm - cIm - (bRe - dRe);
      outRe[out + stride] = x1 * c1 + y1 * s1;
      outIm[out + stride] = y1 * c1 - x1 * s1;
      const x2 = evenRe - oddRe;
      const y2 = evenIm - oddIm;
      outRe[out + 2 * stride] = x2 * c2 + y2 * s2;
      outIm[out + 2 * stride] = y2 * c2 - x2 * s2;
      const x3 = aRe - cRe - (bIm - dIm);
      const y3 = aIm - cIm + (bRe - dRe);
      outRe[out + 3 * stride] = x3 * c3 + y3 * s3;
      outIm[out + 3 * stride] = y3 * c3 - x3 * s3;
    }
  }
}

/** The last pass, where the length is no power of four. */
function passByTwo({ re, im }: Spectrum, to: Spectrum): void {
  const half = re.length / 2;
  for (let i = 0; i < half; i++) {
    to.re[i] = re[i] + re[i + half];
    to.im[i] = im[i] + im[i + half];
    to.re[i + half] = re[i] - re[i + half];
    to.im[i + half] = im[i] - im[i + half];
  }
}

/** Z_k = Σ z_j e^(−2πi jk/n) of what lies in the first of the buffers of n; it comes to lie in either. */
function transformed(n: number): Spectrum {
  let [from, to] = buffersOf(n);
  const { cos, sin } = twiddlesOf(n);
  let stride = 1;
  for (; 4 * stride <= n; stride *= 4) {
    passByFour(from, to, { cos, sin, stride });
    [from, to] = [to, from];
  }
  if (stride === n) return from;
  passByTwo(from, to);
  return to;
}

/** X_k = Σ x_j e^(−2πi jk/n), k = 0 … n/2, of a real sequence whose length n ≥ 8 is a power of two. */
export function forward(values: Float64Array): Spectrum {
  const half = values.length / 2;
  const [packed] = buffersOf(half);
  for (let j = 0; j < half; j++) {
    packed.re[j] = values[2 * j];
    packed.im[j] = values[2 * j + 1];
  }
  const { re, im } = transformed(half);
  const { cos, sin } = twiddlesOf(values.length);
  const out = emptySpectrum(half + 1);
  for (let k = 0; k <= half; k++) {
    const i = k & (half - 1);
    const j = (half - k) & (half - 1);
    const evenRe = 0.5 * (re[i] + re[j]);
    const evenIm = 0.5 * (im[i] - im[j]);
    const oddRe = 0.5 * (im[i] + im[j]);
    const oddIm = 0.5 * (re[j] - re[i]);
    out.re[k] = evenRe + oddRe * cos[k] + oddIm * sin[k];
    out.im[k] = evenIm + oddIm * cos[k] - oddRe * sin[k];
  }
  return out;
}

/** The real sequence that has this spectrum. */
export function inverse({ re, im }: Spectrum): Float64Array {
  const half = re.length - 1;
  const { cos, sin } = twiddlesOf(2 * half);
  const [packed] = buffersOf(half);
  for (let k = 0; k < half; k++) {
    const j = half - k;
    const evenRe = re[k] + re[j];
    const evenIm = im[k] - im[j];
    const diffRe = re[k] - re[j];
    const diffIm = im[k] + im[j];
    // real and imaginary parts change places, here and below, which makes the transform its own inverse
    packed.im[k] = evenRe - (diffRe * sin[k] + diffIm * cos[k]);
    packed.re[k] = evenIm + (diffRe * cos[k] - diffIm * sin[k]);
  }
  const { re: odd, im: even } = transformed(half);
  const out = new Float64Array(2 * half);
  for (let j = 0; j < half; j++) {
    out[2 * j] = even[j] / (2 * half);
    out[2 * j + 1] = odd[j] / (2 * half);
  }
  return out;
}
