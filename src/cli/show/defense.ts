/** What a defense claims, at its default options and a typical place: as an event, and in words. */

import { epsilonOf, provenEpsilon } from '../../accounting/index.ts';
import type { Defense, DefenseEntry, DefenseSite, GradientRule, UpdateRule } from '../../contracts/defense.ts';
import type { PrivacyEvent } from '../../contracts/event.ts';
import type { Norm } from '../../contracts/model.ts';
import { normNames } from '../../models/norm-names.ts';
import { defaultsOf } from './defaults.ts';
import type { Details } from './description.ts';

/** The defaults of an experiment on MNIST: 5 clients, 10 rounds of one epoch, batches of 64. */
const site: DefenseSite = {
  cut: 3,
  inputShape: [28, 28, 1],
  batchSize: 64,
  clients: Array.from({ length: 5 }, () => ({ examples: 12_000, steps: 10 * Math.ceil(12_000 / 64) })),
  delta: 1e-5,
  averaging: { rounds: 10, participation: 1 },
  split: { passes: 10, classes: 10 },
};

/** `ledger.distance` where an experiment names none. */
const ledgerDistance = 1;

export function defenseDetails(entry: DefenseEntry): Details {
  const defense = entry.create(defaultsOf(entry), site);
  const claims = claimsOf(defense);
  return {
    document: { claims, reading: defense.reading },
    lines: [
      '',
      'Claims, at default options:',
      ...claims.map(({ sentence }) => `  ${sentence}`),
      ...(claims.length === 0 ? ['  none'] : []),
      '',
      'How to read them:',
      ...defense.reading.map((sentence) => `  ${sentence}`),
    ],
  };
}

interface Claim {
  readonly channel: 'activation' | 'weights';
  readonly event: PrivacyEvent | object;
  readonly sentence: string;
}

function claimsOf({ activationRelease, activationNorm, gradientRule, updateRule }: Defense): Claim[] {
  return [
    ...(activationRelease ? [activationClaim(activationRelease(ledgerDistance), activationNorm)] : []),
    ...(gradientRule ? [weightsClaim(gradientRule)] : []),
    ...(updateRule ? [clientClaim(updateRule)] : []),
  ];
}

interface ActivationFigures {
  readonly epsilon: number;
  readonly distance: number;
  readonly norm?: Norm;
}

function activationClaim(event: PrivacyEvent, norm: Norm | undefined): Claim & ActivationFigures {
  const epsilon = provenEpsilon(epsilonOf(event, site.delta));
  const inputs = norm
    ? `two inputs at ${normNames[norm]} distance ${ledgerDistance} (ledger.distance)`
    : 'any two inputs';
  const sentence = `activation: ${eventWords(event)}; ε = ${rounded(epsilon)} for one release of ${inputs}`;
  return { channel: 'activation', event, distance: ledgerDistance, ...(norm && { norm }), epsilon, sentence };
}

function weightsClaim({ clipNorm, noiseMultiplier }: GradientRule): Claim {
  const event = { kind: 'poisson-sampled', event: { kind: 'gaussian', noiseMultiplier } };
  const sentence = `weights: in each step of a client, gaussian with noise multiplier ${noiseMultiplier} on gradients clipped to ${clipNorm}, Poisson-sampled at batchSize ÷ the client's examples`;
  return { channel: 'weights', event, sentence };
}

function clientClaim({ clipNorm, noiseMultiplier }: UpdateRule): Claim {
  const event = { kind: 'poisson-sampled', event: { kind: 'gaussian', noiseMultiplier } };
  const sentence = `weights: in each round, gaussian with noise multiplier ${noiseMultiplier} on client updates clipped to ${clipNorm}, clients Poisson-sampled at trainer.participation (adjacency: one client)`;
  return { channel: 'weights', event, sentence };
}

function eventWords(event: PrivacyEvent): string {
  if (event.kind === 'non-private') return `non-private, because ${event.reason}`;
  if (event.kind === 'gaussian' || event.kind === 'laplace') {
    return `${event.kind} with noise multiplier ${rounded(event.noiseMultiplier)}`;
  }
  return event.kind;
}

function rounded(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : '∞';
}
