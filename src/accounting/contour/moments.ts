/** Moments of the sections of composed losses, at real tilts. */

import { laplaceRdp } from '../rdp/laplace.ts';
import { logSumExp } from '../special/log-space.ts';
import type { Outcomes } from './outcomes.ts';
import type { ContourPart, Sampled, Section, Sections } from './sections.ts';

/** log Σ mass · e^(tilt · loss). */
function logTilted({ losses, logMasses }: Outcomes, tilt: number): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < losses.length; k++) top = Math.max(top, logMasses[k] + tilt * losses[k]);
  let sum = 0;
  for (let k = 0; k < losses.length; k++) sum += Math.exp(logMasses[k] + tilt * losses[k] - top);
  return top === Number.NEGATIVE_INFINITY ? top : top + Math.log(sum);
}

/** log B(tilt) of one release: log(1 − lost + Σ mass · (e^(tilt · loss) − 1)), to rounding of its difference from 0. */
export function logBulk({ bulk, lost }: Sampled, tilt: number): number {
  const { losses, masses, logMasses } = bulk;
  let sum = -lost;
  for (let k = 0; k < losses.length; k++) {
    const growth = tilt * losses[k];
    sum += growth < 37 ? masses[k] * Math.expm1(growth) : Math.exp(logMasses[k] + growth);
  }
  return sum > -0.5 && sum < Number.POSITIVE_INFINITY ? Math.log1p(sum) : logTilted(bulk, tilt);
}

function logClosed({ mechanism }: ContourPart, tilt: number): number {
  const { noiseMultiplier } = mechanism;
  if (mechanism.kind !== 'laplace') return (tilt * (tilt + 1)) / (2 * noiseMultiplier ** 2);
  const right = tilt < 0 ? -1 - tilt : tilt; // P and Q are mirror images
  return right === 0 ? 0 : right * laplaceRdp(noiseMultiplier, right + 1);
}

/** log E_P[e^(tilt · S); no outcome beyond its cut], S the composed loss. */
function bulkMoment({ sampled, closed }: Sections, tilt: number): number {
  const formulas = closed.reduce((sum, part) => sum + part.count * logClosed(part, tilt), 0);
  return sampled.reduce((sum, part) => sum + part.count * logBulk(part, tilt), formulas);
}

/** log(e^x − 1), x > 0 given as itself and as its logarithm. */
function logExpm1(x: number, logX: number): number {
  if (logX < -37) return logX;
  return x > 37 ? x : Math.log(Math.expm1(x));
}

/** log E_P[e^(tilt · S); an outcome beyond its cut]. */
function rareMoment(sections: Sections, tilt: number): number {
  const ratios = sections.sampled.flatMap((part) =>
    part.rare === null ? [] : [{ count: part.count, ratio: logTilted(part.rare, tilt) - logBulk(part, tilt) }],
  );
  const logGrowth = logSumExp(ratios.map(({ count, ratio }) => Math.log(count) + ratio)); // of its first order
  const growth = ratios.reduce(
    (sum, { count, ratio }) => sum + count * (ratio > 37 ? ratio : Math.log1p(Math.exp(ratio))),
    0,
  );
  return bulkMoment(sections, tilt) + logExpm1(growth, logGrowth);
}

/** log E_P[e^(tilt · S)] of a section. */
export function logMoment(sections: Sections, section: Section, tilt: number): number {
  return section === 'bulk' ? bulkMoment(sections, tilt) : rareMoment(sections, tilt);
}
