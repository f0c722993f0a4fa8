/** Transforms of the sections of composed losses, along a vertical line of the complex plane. */

import {
  type Along,
  addGaussian,
  addLaplace,
  addLogOnePlus,
  excessAlong,
  type Line,
  type Transform,
  zerosAlong,
} from './line.ts';
import { logBulk } from './moments.ts';
import type { Outcomes } from './outcomes.ts';
import type { Sampled, Section, Sections } from './sections.ts';

function tiltedMasses({ losses, logMasses }: Outcomes, tilt: number, shift: number): Float64Array {
  return logMasses.map((log, k) => Math.exp(log + tilt * losses[k] - shift));
}

/** B(z)/B(tilt) − 1 of one release. */
function bulkExcess(part: Sampled, line: Line): Along {
  const { bulk } = part;
  return excessAlong(bulk.losses, tiltedMasses(bulk, line.tilt, logBulk(part, line.tilt)), line);
}

function bulkTransform({ closed, sampled }: Sections, line: Line, excesses: readonly Along[]): Transform {
  const out = { modulus: new Float64Array(line.points), phase: new Float64Array(line.points) };
  for (const { mechanism, count } of closed) {
    if (mechanism.kind === 'laplace') addLaplace(out, line, { pure: 1 / mechanism.noiseMultiplier, count });
    else addGaussian(out, line, count / (2 * mechanism.noiseMultiplier ** 2));
  }
  for (const [i, { count }] of sampled.entries()) addLogOnePlus(out, excesses[i] as Along, count);
  return out;
}

/** R(z)/B(z) of one release. */
function rareRatio(part: Sampled, excess: Along, line: Line): Along {
  const out = zerosAlong(line);
  if (part.rare === null) return out;
  const weights = tiltedMasses(part.rare, line.tilt, logBulk(part, line.tilt));
  const total = weights.reduce((a, b) => a + b);
  const rare = excessAlong(part.rare.losses, weights, line);
  for (let k = 0; k < line.points; k++) {
    const re = total + rare.re[k];
    const im = rare.im[k];
    const [bulkRe, bulkIm] = [1 + excess.re[k], excess.im[k]];
    const norm = bulkRe * bulkRe + bulkIm * bulkIm;
    out.re[k] = (re * bulkRe + im * bulkIm) / norm;
    out.im[k] = (im * bulkRe - re * bulkIm) / norm;
  }
  return out;
}

/** Multiplies by e^growth − 1, growth held as modulus and phase, relative to its value at the tilt. */
function multiplyByExpm1(out: Transform, { modulus: re, phase: im }: Transform): void {
  const start = Math.log(Math.expm1(re[0]));
  for (let k = 0; k < re.length; k++) {
    const real = Math.expm1(re[k]) * Math.cos(im[k]) - 2 * Math.sin(im[k] / 2) ** 2;
    const imaginary = Math.exp(re[k]) * Math.sin(im[k]);
    out.modulus[k] += Math.log(Math.hypot(real, imaginary)) - start;
    out.phase[k] += Math.atan2(imaginary, real);
  }
}

/** E_P[e^(zS)] of a section along a line, relative to its value at the tilt. The sections must be resolved on the line. */
export function transformAlong(sections: Sections, section: Section, line: Line): Transform {
  const excesses = sections.sampled.map((part) => bulkExcess(part, line));
  const out = bulkTransform(sections, line, excesses);
  if (section === 'bulk') return out;
  const growth = { modulus: new Float64Array(line.points), phase: new Float64Array(line.points) };
  for (const [i, part] of sections.sampled.entries()) {
    addLogOnePlus(growth, rareRatio(part, excesses[i] as Along, line), part.count);
  }
  multiplyByExpm1(out, growth);
  return out;
}
