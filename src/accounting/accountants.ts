/** The accountants by name. Each turns a flattened event and δ into a statement about ε. */

import type { EpsilonBounds } from '../contracts/event.ts';
import { UnsupportedEventError } from './errors.ts';
import type { FlatEvent } from './events.ts';
import { gaussianDpEpsilon, isPlainGaussian } from './gaussian/gaussian-dp.ts';
import { laplaceEpsilon } from './laplace.ts';
import { type RdpOptions, rdpEpsilon } from './rdp/rdp.ts';

export const ACCOUNTANTS = ['rdp', 'contour', 'pld', 'gaussian-dp'] as const;
export type AccountantName = (typeof ACCOUNTANTS)[number];

/** ε at δ, which accountant says so, and how sure it is. */
export interface EpsilonAnswer extends EpsilonBounds {
  readonly accountant: AccountantName;
  /** Of `rdp`: the Rényi order that gives the bound. */
  readonly optimalOrder?: number | null;
  /** Share of the width of the bounds that is rounding (of `pld`, relative). */
  readonly floatError?: number;
  /** (upper − lower) ÷ estimate that the grid costs (of `pld`). */
  readonly discretisationError?: number;
}

export type Accountant = (flat: FlatEvent, delta: number, options: RdpOptions) => Omit<EpsilonAnswer, 'accountant'>;

function byRdp(flat: FlatEvent, delta: number, options: RdpOptions) {
  const { epsilon, optimalOrder } = rdpEpsilon(flat, delta, options);
  return { lower: null, estimate: null, upper: epsilon, optimalOrder };
}

function missing(name: string): Accountant {
  return () => {
    throw new UnsupportedEventError(`Accountant "${name}" is not available yet. Use "rdp".`);
  };
}

const BY_NAME: Readonly<Record<AccountantName, Accountant>> = {
  rdp: byRdp,
  contour: missing('contour'),
  pld: missing('pld'),
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

function singleLaplace({ parts }: FlatEvent): number | null {
  const [first] = parts;
  const single = parts.length === 1 && first !== undefined && first.count === 1 && first.mechanism.kind === 'laplace';
  return single ? first.mechanism.noiseMultiplier : null;
}

/** The tightest upper bound that applies: closed forms where there is one, else Rényi DP. */
export function tightest(flat: FlatEvent, delta: number): EpsilonAnswer {
  if (isPlainGaussian(flat)) return { accountant: 'gaussian-dp', ...gaussianDpEpsilon(flat, delta) };
  const noiseMultiplier = singleLaplace(flat);
  if (noiseMultiplier !== null) {
    const epsilon = laplaceEpsilon(noiseMultiplier, delta);
    return { accountant: 'pld', lower: epsilon, estimate: epsilon, upper: epsilon };
  }
  return { accountant: 'rdp', ...byRdp(flat, delta, {}) };
}
