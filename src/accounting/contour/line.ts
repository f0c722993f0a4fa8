/** Transforms of losses along a vertical line of the complex plane. */

/** Equidistant points z_k = tilt + i·k·spacing. */
export interface Line {
  readonly tilt: number;
  readonly spacing: number;
  readonly points: number;
}

/** A complex number at each point of a line. */
export interface Along {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** A transform by the logarithm of its modulus, relative to its value at the tilt, and its phase. */
export interface Transform {
  readonly modulus: Float64Array;
  readonly phase: Float64Array;
}

export function zerosAlong({ points }: Line): Along {
  return { re: new Float64Array(points), im: new Float64Array(points) };
}

/**
 * Σ weight · (e^(iuL) − 1). Each node's e^(iuL) − 1 is advanced from u to u + du by d ← d + d₁ + d·d₁, which keeps its
 * relative precision where L is tiny: T · log M must not lose T rounding errors of 1.
 */
export function excessAlong(losses: Float64Array, weights: Float64Array, line: Line): Along {
  const { re: sumRe, im: sumIm } = zerosAlong(line);
  const { spacing, points } = line;
  for (let j = 0; j < losses.length; j++) {
    const angle = spacing * losses[j];
    const stepRe = -2 * Math.sin(angle / 2) ** 2;
    const stepIm = Math.sin(angle);
    const weight = weights[j];
    let [re, im] = [0, 0];
    for (let k = 1; k < points; k++) {
      const nextRe = re + stepRe + (re * stepRe - im * stepIm);
      im = im + stepIm + (re * stepIm + im * stepRe);
      re = nextRe;
      sumRe[k] += weight * re;
      sumIm[k] += weight * im;
    }
  }
  return { re: sumRe, im: sumIm };
}

/** Adds count · log(1 + s). */
export function addLogOnePlus(out: Transform, { re, im }: Along, count: number): void {
  for (let k = 0; k < re.length; k++) {
    out.modulus[k] += 0.5 * count * Math.log1p(2 * re[k] + re[k] * re[k] + im[k] * im[k]);
    out.phase[k] += count * Math.atan2(im[k], 1 + re[k]);
  }
}

/** Adds a plain Gaussian: log M(z) = (z² + z)/(2σ²). */
export function addGaussian(out: Transform, { tilt, spacing, points }: Line, rate: number): void {
  for (let k = 1; k < points; k++) {
    const u = k * spacing;
    out.modulus[k] -= rate * u * u;
    out.phase[k] += rate * (2 * tilt + 1) * u;
  }
}

/** Adds Laplace noise: M(z) = [(z+1) e^(ze) + z e^(−(z+1)e)] ÷ (2z+1) = M(−1−z), e the pure ε. */
export function addLaplace(out: Transform, line: Line, { pure, count }: { pure: number; count: number }): void {
  const { spacing, points } = line;
  const [tilt, sign] = line.tilt < 0 ? [-1 - line.tilt, -1] : [line.tilt, 1];
  const decay = Math.exp(-(2 * tilt + 1) * pure);
  const atTilt = Math.log((tilt + 1 + tilt * decay) / (2 * tilt + 1));
  for (let k = 1; k < points; k++) {
    const u = k * spacing;
    const [cos, sin] = [decay * Math.cos(2 * u * pure), -decay * Math.sin(2 * u * pure)];
    const [re, im] = [tilt + 1 + tilt * cos - u * sin, u + tilt * sin + u * cos];
    out.modulus[k] += count * (Math.log(Math.hypot(re, im) / Math.hypot(2 * tilt + 1, 2 * u)) - atTilt);
    out.phase[k] += sign * count * (u * pure + Math.atan2(im, re) - Math.atan2(2 * u, 2 * tilt + 1));
  }
}
