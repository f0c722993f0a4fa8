/** The pass of joint privacy that `cutlayer audit mechanism joint-dp` runs. Loads the catalogues: imported only where asked for. */

import type { Defense, GradientRule, LabelRule } from '../contracts/defense.ts';
import type { Layer } from '../contracts/model.ts';
import { jointPassSampler, type MechanismSampler } from '../lab/audit/index.ts';
import { checkedOptions, defenseNamed } from './audit-defense.ts';
import { wholeNumber } from './global-options.ts';

export interface JointArguments {
  readonly delta: number;
  readonly epsilon: number;
  readonly labelEpsilon: number;
  readonly gradientShare: number;
  readonly clipNorm: number;
  readonly passes: number;
  readonly classes: number;
}

const width = 8; // values at the cut: the claim does not depend on it, the time does

/** One pass of a defense that was made for `passes` of them. */
export function jointSampler(given: JointArguments): MechanismSampler {
  const passes = wholeNumber('--passes', given.passes);
  const classes = wholeNumber('--classes', given.classes, 2);
  const { epsilon, labelEpsilon, gradientShare, clipNorm, delta } = given;
  const entry = defenseNamed('joint-dp');
  const options = checkedOptions(entry, {
    ...{ epsilon, labelEpsilon, gradientShare },
    ...{ clipActivation: clipNorm, clipGradient: clipNorm },
  });
  const site = { cut: 1, inputShape: [width], batchSize: 1, clients: [], delta, split: { passes, classes } };
  const defense = entry.create(options, site);
  return jointPassSampler({ ...partsOf(defense), width, classes });
}

interface Parts {
  readonly release: Layer;
  readonly activationNoise: number;
  readonly gradientRule: GradientRule;
  readonly labelRule: LabelRule;
}

function partsOf({ protectLayers, activationRelease, gradientRule, labelRule }: Defense): Parts {
  const release = protectLayers?.([untouched])[0];
  const claim = activationRelease?.(1);
  if (!release || claim?.kind !== 'gaussian' || !gradientRule || !labelRule)
    throw new Error('joint-dp lacks one of its mechanisms');
  // The claim refers to what replacing a record moves, 2C; the audit wants the noise in units of C.
  return { release, activationNoise: 2 * claim.noiseMultiplier, gradientRule, labelRule };
}

/** The client part as its record wants it: what comes in goes out. */
const untouched: Layer = {
  name: 'identity',
  label: 'identity',
  outputShape: (shape) => shape,
  init: () => ({ params: {}, state: {} }),
  apply: (_, x) => ({ output: x, state: {} }),
};
