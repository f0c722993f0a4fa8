/** The accountants by name. Each turns a flattened event and δ into a statement about ε. */

import type { EpsilonBounds } from '../contracts/event.ts';
import { closedForm } from './closed-form.ts';
import { contourEpsilon, hasTransforms } from './contour/contour.ts';
import { gaussianDpEpsilon, isPlainGaussian } from './gaussian/gaussian-dp.ts';
import type { FlatEvent } from './mechanisms.ts';
import { hasPairs, pldEpsilon } from './pld/accountant.ts';
import { type RdpOptions, rdpEpsilon } from './rdp/rdp.ts';

export const ACCOUNTANTS = ['rdp', 'contour', 'pld', 'gaussian-dp'] as const;
export type AccountantName = (typeof ACCOUNTANTS)[number];

/** ε at δ, which accountant says so, and how sure it is. */
export interface EpsilonAnswer extends EpsilonBounds {
  readonly accountant: AccountantName;
  /** Of `rdp`: the Rényi order that gives the bound. */
  readonly optimalOrder?: number | null;
  /** How it was found, where the accountant has more than one way. */
  readonly method?: string;
  /** Rounding that the bounds include, relative to ε (of `pld`). */
  readonly floatError?: number;
  /** (upper − lower) ÷ estimate that the grid costs (of `pld`). */
  readonly discretisationError?: number;
}

type Figures = Omit<EpsilonAnswer, 'accountant'>;

export type Accountant = (flat: FlatEvent, delta: number, options: RdpOptions) => Figures;

function byRdp(flat: FlatEvent, delta: number, options: RdpOptions) {
  const { epsilon, optimalOrder } = rdpEpsilon(flat, delta, options);
  return { lower: null, estimate: null, upper: epsilon, optimalOrder };
}

/** The contour integral's estimate; where it does not converge alone, with the help of a bracket; else that one's. */
function byContour(flat: FlatEvent, delta: number): Figures {
  const closed = closedForm(flat, delta);
  if (closed !== null) return { lower: null, estimate: closed, upper: null, method: 'closed form' };
  const direct = contourEpsilon(flat, delta);
  if (direct !== null) return { lower: null, estimate: direct.epsilon, upper: null, method: 'contour integral' };
  return { ...bracketed(flat, delta), lower: null, upper: null };
}

function byPld(flat: FlatEvent, delta: number): Figures {
  return pldEpsilon(flat, delta);
}

/** Bounds of `pld`, with the estimate of the contour integral where that converges inside them. */
function bracketed(flat: FlatEvent, delta: number): Figures {
  const bounds = pldEpsilon(flat, delta);
  const { lower, upper } = bounds;
  if (!(upper > 0 && upper < Number.POSITIVE_INFINITY && delta > 0)) return { ...bounds, method: 'limit' };
  if (!hasTransforms(flat)) return bounds;
  const near = contourEpsilon(flat, delta, upper);
  const inside = near !== null && near.epsilon >= (lower ?? 0) * (1 - 1e-9) && near.epsilon <= upper * (1 + 1e-9);
  return inside
    ? { ...bounds, estimate: near.epsilon, method: `${bounds.method}, estimate by the contour integral` }
    : { ...bounds, method: `${bounds.method} (the contour integral does not converge here)` };
}

const BY_NAME: Readonly<Record<AccountantName, Accountant>> = {
  rdp: byRdp,
  contour: byContour,
  pld: byPld,
  'gaussian-dp': gaussianDpEpsilon,
};

/** The accountant of that name. Throws a RangeError for a name that is none. */
export function accountantNamed(name: string): Accountant {
  const known = ACCOUNTANTS.find((candidate) => candidate === name);
  if (known === undefined) {
    throw new RangeError(
      `accountant must be one of ${ACCOUNTANTS.join(', ')}, but is "${name}". Leave it out for the tightest.`,
    );
  }
  return BY_NAME[known];
}

/** Relative rounding of the closed forms. */
const ROUNDING = 1e-12;

/** The tightest bounds that apply: closed forms where there is one, else privacy loss distributions. */
export function tightest(flat: FlatEvent, delta: number): EpsilonAnswer {
  if (isTightestByPld(flat, delta)) return { accountant: 'pld', ...bracketed(flat, delta) };
  if (isPlainGaussian(flat)) return { accountant: 'gaussian-dp', ...gaussianDpEpsilon(flat, delta) };
  const closed = closedForm(flat, delta);
  if (closed === null) return { accountant: 'rdp', ...byRdp(flat, delta, {}) };
  const bounds = { lower: closed * (1 - ROUNDING), estimate: closed, upper: closed * (1 + ROUNDING) };
  return { accountant: 'contour', ...bounds, method: 'closed form' };
}

/** Whether `tightest` bounds are those of privacy loss distributions. */
export function isTightestByPld(flat: FlatEvent, delta: number): boolean {
  return !isPlainGaussian(flat) && hasPairs(flat) && closedForm(flat, delta) === null;
}
