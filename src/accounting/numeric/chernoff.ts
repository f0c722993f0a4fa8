/** Chernoff's bound on ε from a moment of the loss. */

import { minimize } from './brent.ts';

/** Logarithms of the tilts that usual losses have, and of those of losses up to 1e13. */
const usual = { low: Math.log(1e-3), high: Math.log(1e7) };
const small = { low: Math.log(1e-15), high: Math.log(1e-2) };

export interface ChernoffRequest {
  /** K(θ) = log E_P[e^(θ · loss)]. */
  readonly logMoment: (tilt: number) => number;
  readonly logDelta: number;
  /** Of log θ. */
  readonly tolerance: number;
}

/** min over θ of (K(θ) − log δ + θ log θ − (θ+1) log(θ+1))/θ, with its θ. Small tilts are looked at where the usual ones end. */
export function chernoffBound({ logMoment, logDelta, tolerance }: ChernoffRequest): { tilt: number; epsilon: number } {
  const score = (logTilt: number) => {
    const tilt = Math.exp(logTilt);
    return (logMoment(tilt) - logDelta + tilt * logTilt - (tilt + 1) * Math.log1p(tilt)) / tilt;
  };
  const found = minimize(score, { ...usual, tolerance });
  const best = found < usual.low + 0.1 ? minimize(score, { ...small, tolerance }) : found;
  return { tilt: Math.exp(best), epsilon: score(best) };
}
