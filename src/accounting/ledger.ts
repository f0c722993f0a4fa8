/**
 * What a run may claim of each of its channels. The figures of different channels are never added: a joint claim
 * needs a joint proof.
 */

import { counted } from '../arrays/counted.ts';
import type { PrivacyEvent } from '../contracts/event.ts';
import { epsilonOf, provenEpsilon } from './epsilon-of.ts';
import { type DpSgdRun, flattenEvent, repeated } from './events.ts';
import { groupEpsilon } from './group-privacy.ts';
import { requireCount } from './require.ts';

const NEVER = Number.POSITIVE_INFINITY;

export interface Claim {
  /** The upper bound on ε at the δ asked; ∞ without a mechanism. */
  readonly epsilon: number;
  /** The honest reading, in a sentence or two. */
  readonly reading: string;
}

export interface ActivationRun {
  /** One release of one record's activation for two inputs at the stated distance; undefined without a mechanism. */
  readonly release: PrivacyEvent | undefined;
  /** Whether activations leave the client at all; true where left out. */
  readonly isSent?: boolean;
  /** How often the record that was released most often was released. */
  readonly releases: number;
  readonly delta: number;
}

export interface ActivationClaim extends Claim {
  /** ε of one release. */
  readonly epsilonRelease: number;
}

/** Three significant digits, ∞ as a sign. */
function shown(epsilon: number): string {
  return epsilon === NEVER ? '∞' : String(Number(epsilon.toPrecision(3)));
}

/**
 * The activation channel: what the main server learns of one record from its smashed data (metric DP at the distance
 * for which `release` was made). Releases compose; sampling does not amplify against the main server, who sees whose
 * activation arrives.
 */
export function activationClaim({ release, isSent = true, releases, delta }: ActivationRun): ActivationClaim {
  requireCount('releases', releases, 'It is the number of noisy forward passes of one record.');
  if (!isSent) return { epsilon: NEVER, epsilonRelease: NEVER, reading: noActivations(release) };
  if (release === undefined) return unprotected('the smashed data is sent without noise');
  const { nonPrivate } = flattenEvent(release);
  if (nonPrivate !== null) return unprotected(nonPrivate);
  const epsilonRelease = provenEpsilon(epsilonOf(release, delta));
  const epsilon = provenEpsilon(epsilonOf(repeated(release, releases), delta));
  const reading =
    `Activation channel: ε = ${shown(epsilon)} at δ = ${delta} over ${counted(releases, 'release')} of a record (${shown(epsilonRelease)} each), ` +
    'for two inputs at the stated distance, given the weights of the client part at each release. ' +
    'Labels, weights and the server part are not covered.';
  return { epsilon, epsilonRelease, reading };
}

function noActivations(release: PrivacyEvent | undefined): string {
  const none = 'Activation channel: there is none, since no smashed data is sent.';
  return release
    ? `${none} The noise layer is part of the network, and what it claims of a release protects no one here.`
    : none;
}

function unprotected(reason: string): ActivationClaim {
  return { epsilon: NEVER, epsilonRelease: NEVER, reading: `Activation channel: non-private, because ${reason}.` };
}

/** What is added or removed between neighbours: one record, one user with a number of records at one client, or one client. */
export type PrivacyUnit =
  | { readonly kind: 'record' }
  | { readonly kind: 'user'; readonly records: number }
  | { readonly kind: 'client' };

export interface WeightsRun {
  /** What was done to each client's records (DP-SGD) or to the clients (DP-FedAvg) over the whole training; undefined without it. */
  readonly clients: readonly DpSgdRun[] | undefined;
  /** A record where left out. */
  readonly unit?: PrivacyUnit | undefined;
  /** Whether all parameters that learn from a record are covered (centralized and federated training). */
  readonly wholeNetwork: boolean;
  readonly delta: number;
}

export interface WeightsClaim extends Claim {
  /** What the accountant gives on condition that the server part does not depend on the record; ∞ without a mechanism. */
  readonly conditional: number;
}

/**
 * The weights channel: what client updates and the released model say of one record, user or client (add-or-remove). Clients
 * hold different records, so they compose in parallel: the largest ε counts. Where only the client part is covered there is no
 * guarantee, only the conditional figure (docs/sharp-edges.md, on DP-SGD on the client part alone).
 */
export function weightsClaim({ clients, unit = { kind: 'record' }, wholeNetwork, delta }: WeightsRun): WeightsClaim {
  if (clients === undefined || clients.length === 0) {
    const reading = 'Weights channel: non-private, because the updates are made without DP-SGD.';
    return { epsilon: NEVER, conditional: NEVER, reading };
  }
  const words = wordsOf[unit.kind];
  const records = unit.kind === 'user' ? unit.records : 1;
  const conditional = Math.max(...largestRuns(clients).map((run) => groupEpsilon({ run, records, delta })));
  if (conditional === NEVER) {
    const reading = `Weights channel: non-private, because the noise of ${words.mechanism} is 0 or gives no finite ε.`;
    return { epsilon: NEVER, conditional, reading };
  }
  if (!wholeNetwork) return { epsilon: NEVER, conditional, reading: conditionalReading(words, conditional, delta) };
  const neighbour = words.neighbour(records);
  const reading =
    `Weights channel: ε = ${shown(conditional)} at δ = ${delta} for adding or removing ${neighbour} ` +
    `(${words.mechanism} with Poisson sampling${words.largest}), against whoever ${words.adversary}.`;
  return { epsilon: conditional, conditional, reading };
}

interface UnitWords {
  readonly mechanism: string;
  readonly neighbour: (records: number) => string;
  readonly noun: string;
  readonly largest: string;
  readonly adversary: string;
}

const ofRecords = {
  mechanism: 'DP-SGD',
  largest: ', the largest over clients',
  adversary: 'sees all updates and the final model but not who was sampled',
};

const wordsOf: Readonly<Record<PrivacyUnit['kind'], UnitWords>> = {
  record: { ...ofRecords, noun: 'record', neighbour: () => 'one record' },
  user: {
    ...ofRecords,
    noun: 'user',
    neighbour: (records) =>
      `one user (adjacency “user”) with at most ${counted(records, 'record')}, all of them at one client`,
  },
  client: {
    mechanism: 'DP-FedAvg',
    noun: 'client',
    neighbour: () => 'one client with all its records (adjacency “client”)',
    largest: '',
    adversary:
      'sees the global model of every round but neither who took part nor single updates: the fed server, which sees them, is trusted',
  },
};

function conditionalReading({ mechanism, noun }: UnitWords, conditional: number, delta: number): string {
  return (
    `Weights channel: ε = ∞. ${mechanism} on the client part alone proves nothing, because the server part learns from the ` +
    `${noun} without noise and every later cut gradient depends on it. Conditional figure: ε = ${shown(conditional)} at ` +
    `δ = ${delta}, against whoever sees only ${noun === 'client' ? 'global client parts' : 'client updates'}, if the server part did not depend on the ${noun}.`
  );
}

/** One of each different run: clients with the same numbers have the same ε. */
function largestRuns(clients: readonly DpSgdRun[]): DpSgdRun[] {
  const key = ({ samplingRate, noiseMultiplier, steps }: DpSgdRun) => `${samplingRate} ${noiseMultiplier} ${steps}`;
  return [...new Map(clients.map((run) => [key(run), run])).values()];
}

export interface LabelRun {
  /** Whether labels travel to the main server as they are. */
  readonly sentInClear: boolean;
  /** The weights channel's ε where labels stay at home: updates are then all that depends on them. */
  readonly epsilonWeights?: number;
}

/** The label channel: what of a record's label leaves the client. */
export function labelClaim({ sentInClear, epsilonWeights = NEVER }: LabelRun): Claim {
  if (sentInClear) return { epsilon: NEVER, reading: 'Label channel: non-private, because labels are sent in clear.' };
  const reading =
    epsilonWeights === NEVER
      ? 'Label channel: non-private. Labels are not sent, but what is sent depends on them and is not protected.'
      : `Label channel: ε = ${shown(epsilonWeights)}, that of the weights channel, through which alone labels act on what is sent.`;
  return { epsilon: epsilonWeights, reading };
}
