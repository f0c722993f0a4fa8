/** How much of a picture came back. Pixels lie in [0, 1]; what an attack returns is clipped to that first. */

/** One picture, row-major `[height, width, channels]`. */
export type Picture = Float32Array;
export type PictureShape = readonly [height: number, width: number, channels: number];

export function clipped(picture: Picture): Picture {
  return picture.map((value) => Math.min(1, Math.max(0, value)));
}

/** Mean squared difference of two pictures. */
export function meanSquaredError(a: Picture, b: Picture): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum / a.length;
}

const mostDecibels = 60;

/** 10 · log₁₀(1 ÷ MSE) in dB, at most 60 (identical pictures would have ∞). */
export function psnr(a: Picture, b: Picture): number {
  const error = meanSquaredError(a, b);
  return error > 0 ? Math.min(mostDecibels, -10 * Math.log10(error)) : mostDecibels;
}

const windowSize = 11;
const windowStd = 1.5;
const c1 = 0.01 ** 2;
const c2 = 0.03 ** 2;

/**
 * Structural similarity (Wang et al. 2004): an 11×11 Gaussian window of standard deviation 1.5 at every place where it fits
 * («valid»), K₁ = 0.01, K₂ = 0.03, data range 1; mean over places and channels. Pictures smaller than the window take the
 * largest odd window that fits.
 */
export function ssim(a: Picture, b: Picture, shape: PictureShape): number {
  const [height, width, channels] = shape;
  const window = gaussianWindow(Math.min(windowSize, largestOdd(Math.min(height, width))));
  let sum = 0;
  for (let channel = 0; channel < channels; channel += 1) {
    const plane = (picture: Picture) =>
      Float64Array.from({ length: height * width }, (_, i) => picture[i * channels + channel] as number);
    sum += ssimOfPlane(plane(a), plane(b), { height, width, window });
  }
  return sum / channels;
}

function largestOdd(limit: number): number {
  return limit % 2 === 1 ? limit : limit - 1;
}

function gaussianWindow(size: number): Float64Array {
  const center = (size - 1) / 2;
  const weights = Float64Array.from({ length: size }, (_, i) => Math.exp(-((i - center) ** 2) / (2 * windowStd ** 2)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

interface Plane {
  readonly height: number;
  readonly width: number;
  readonly window: Float64Array;
}

function ssimOfPlane(a: Float64Array, b: Float64Array, plane: Plane): number {
  const smooth = (value: (i: number) => number) =>
    filtered(
      a.map((_, i) => value(i)),
      plane,
    );
  const meanA = filtered(a, plane);
  const meanB = filtered(b, plane);
  const squareA = smooth((i) => (a[i] as number) ** 2);
  const squareB = smooth((i) => (b[i] as number) ** 2);
  const product = smooth((i) => (a[i] as number) * (b[i] as number));
  const values = meanA.map((ma, i) => {
    const mb = meanB[i] as number;
    const variances = (squareA[i] as number) - ma ** 2 + (squareB[i] as number) - mb ** 2;
    const covariance = (product[i] as number) - ma * mb;
    return ((2 * ma * mb + c1) * (2 * covariance + c2)) / ((ma ** 2 + mb ** 2 + c1) * (variances + c2));
  });
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The separable window, at every place where it fits. */
function filtered(plane: Float64Array, { height, width, window }: Plane): Float64Array {
  const columns = width - window.length + 1;
  const rows = height - window.length + 1;
  const across = new Float64Array(height * columns);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < columns; x += 1) {
      across[y * columns + x] = window.reduce(
        (sum, weight, k) => sum + weight * (plane[y * width + x + k] as number),
        0,
      );
    }
  }
  return Float64Array.from({ length: rows * columns }, (_, i) =>
    window.reduce((sum, weight, k) => sum + weight * (across[i + k * columns] as number), 0),
  );
}
