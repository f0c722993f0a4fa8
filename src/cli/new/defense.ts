/** A new defense: the Gaussian mechanism on smashed data, with its claim. */

import type { Names } from './names.ts';

export const defense = ({ name, identifier, type }: Names): string => `/**
 * Replace this text and the mechanism below: whose method it is, with its equation. What stands here works as it is.
 *
 * The smashed data z of each example are clipped to the norm C and get Gaussian noise before they leave the client:
 *
 *   z ← z · min(1, C ÷ ‖z‖) + noise of standard deviation noiseMultiplier · 2C
 */

import type { Defense, DefenseEntry, DefenseSite } from '../src/contracts/defense.ts';
import type { PrivacyEvent } from '../src/contracts/event.ts';
import type { Layer } from '../src/contracts/model.ts';
import { noisy } from '../src/models/noisy.ts';

interface ${type}Options {
  readonly clipNorm: number;
  readonly noiseMultiplier: number;
}

export const ${identifier}: DefenseEntry = {
  name: '${name}',
  summary: 'smashed data of each example clipped, with Gaussian noise on them',
  options: {
    clipNorm: {
      type: 'number',
      above: 0,
      default: 10,
      description: 'C, largest L2 norm of one example’s smashed data',
    },
    noiseMultiplier: {
      type: 'number',
      min: 0,
      default: 0.05,
      description: 'standard deviation of the noise, in units of the sensitivity 2C',
    },
  },
  sources: ['Dwork and Roth 2014, Appendix A (Gaussian mechanism)'],
  create: (options, site) => defenseOn(options as unknown as ${type}Options, site),
};

/** Throws a RangeError where the trainer sends no smashed data. */
function defenseOn(options: ${type}Options, site: DefenseSite): Defense {
  requireServer(site);
  const { clipNorm, noiseMultiplier } = options;
  const std = noiseMultiplier * 2 * clipNorm; // two clipped activations lie at most 2C apart
  const secure = site.noise === 'secure' ? ({ multiplier: noiseMultiplier, norm: 'l2' } as const) : undefined;
  const noise = {
    distribution: 'normal',
    scale: () => std,
    gain: 1,
    clip: { norm: 'l2', to: clipNorm },
    secure,
  } as const;
  return {
    name: '${name}',
    // A layer is wrapped, never inserted. \`noisy\` drops what the layer said of itself and is no longer true.
    protectLayers: (layers) =>
      layers.map((layer, index): Layer => (index === site.cut - 1 ? noisy(layer, noise) : layer)),
    activationRelease: () => releaseOf(noiseMultiplier),
    reading: [
      \`What a client sends of one record is clipped to an L2 norm of \${clipNorm} and has Gaussian noise of standard deviation \${std} on each value.\`,
      'The claim is of one release of one record’s activation, whatever the record is; every pass over it is a further release.',
      'Gradients and weights are not covered, and labels go to the server in clear.',
    ],
  };
}

function requireServer({ split }: DefenseSite): void {
  if (split) return;
  const trainers = 'split, splitfed-v1 or splitfed-v2';
  throw new RangeError(\`${name} needs a trainer that sends smashed data: \${trainers}.\`);
}

/** What the accountant composes. Without noise nothing is claimed: ε is ∞. */
function releaseOf(noiseMultiplier: number): PrivacyEvent {
  if (noiseMultiplier > 0) return { kind: 'gaussian', noiseMultiplier };
  return { kind: 'non-private', reason: '${name} with noiseMultiplier 0 adds no noise' };
}
`;
