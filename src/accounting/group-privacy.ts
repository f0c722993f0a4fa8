/** What DP-SGD says of a user with several records, all of them in the lots of one client. */

import { epsilonOf, provenEpsilon } from './epsilon-of.ts';
import { type DpSgdRun, dpSgdEvent } from './events.ts';
import { requireCount } from './require.ts';

export interface GroupRequest {
  readonly run: DpSgdRun;
  /** k: the largest number of records of one user. */
  readonly records: number;
  readonly delta: number;
}

/**
 * An upper bound on the ε of adding or removing a user with at most k records, the least of two that hold:
 *
 * - group privacy: (ε′, δ′) for one record gives (k ε′, δ′ (e^{kε′} − 1) ÷ (e^{ε′} − 1)) for k of them;
 * - the user as one record: some of its records are in a lot with probability q′ = 1 − (1 − q)^k, and if so they move the
 *   sum by at most k C, so a step is dominated by a Gaussian of noise multiplier z ÷ k sampled at rate q′ (docs/dp-sgd.md).
 *
 * Both are above the mixture over how many of the records are in the lot, by 1.2 × and more.
 */
export function groupEpsilon(request: GroupRequest): number {
  const { run, records, delta } = request;
  requireCount('records', records, 'It is the largest number of records of one user.');
  if (records <= 1) return provenEpsilon(epsilonOf(dpSgdEvent(run), delta));
  return Math.min(byGroupPrivacy(request), asOneRecord(request));
}

function asOneRecord({ run, records, delta }: GroupRequest): number {
  const samplingRate = -Math.expm1(records * Math.log1p(-run.samplingRate));
  const event = dpSgdEvent({ ...run, samplingRate, noiseMultiplier: run.noiseMultiplier / records });
  return provenEpsilon(epsilonOf(event, delta));
}

/** Any δ′ whose group δ is at most δ will do; RDP, which is fast, finds the largest, the tightest accountant states ε′. */
function byGroupPrivacy({ run, records, delta }: GroupRequest): number {
  const event = dpSgdEvent(run);
  const fits = (logDelta: number, accountant?: 'rdp') => {
    const own = provenEpsilon(epsilonOf(event, Math.exp(logDelta), accountant ? { accountant } : {}));
    return { own, holds: logDelta + logGrowth(own, records) <= Math.log(delta) };
  };
  let [low, high] = [Math.log(delta) - smallestShare, Math.log(delta)];
  if (!fits(low, 'rdp').holds) return Number.POSITIVE_INFINITY;
  while (high - low > 0.01) {
    const middle = (low + high) / 2;
    [low, high] = fits(middle, 'rdp').holds ? [middle, high] : [low, middle];
  }
  const { own, holds } = fits(low);
  return holds ? records * own : Number.POSITIVE_INFINITY;
}

/** How far below δ the δ′ of one record is looked for, as a logarithm. */
const smallestShare = 200;

/** ln((e^{kε} − 1) ÷ (e^ε − 1)) = (k − 1) ε + ln((1 − e^{−kε}) ÷ (1 − e^{−ε})), which does not overflow. */
function logGrowth(epsilon: number, records: number): number {
  if (epsilon === 0) return Math.log(records);
  return (records - 1) * epsilon + Math.log(Math.expm1(-records * epsilon) / Math.expm1(-epsilon));
}
