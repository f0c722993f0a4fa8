/** `cutlayer audit mechanism`: runs the project's own mechanisms many times and looks for more than they claim. */

import type { Argv } from 'yargs';
import type { Rng } from '../contracts/rng.ts';
import type { MechanismSampler, SamplerAudit } from '../lab/audit/index.ts';
import { usageErrorOf } from './as-usage-error.ts';
import { useAskedEngine } from './asked-engine.ts';
import type { JointArguments } from './audit-joint.ts';
import { auditSentence, claimSentence, refuteIfContradicted } from './audit-level.ts';
import type { LayerArguments } from './audit-noise-layer.ts';
import { type GlobalOptions, wholeNumber } from './global-options.ts';
import { oneOf } from './one-of.ts';
import { print } from './output.ts';

const mechanisms = ['dp-sgd', 'pixeldp', 'joint-dp'] as const;
type Mechanism = (typeof mechanisms)[number];

interface MechanismArguments extends GlobalOptions, Omit<LayerArguments & JointArguments, 'epsilon'> {
  readonly mechanism: string;
  readonly epsilon?: number | undefined;
  readonly trials: number;
  readonly seed: number;
  readonly confidence: number;
  readonly json: boolean;
  readonly noiseMultiplier: number;
  readonly samplingRate: number;
}

export function mechanismCommand(yargs: Argv): Argv {
  return yargs.command(
    'mechanism <mechanism>',
    `runs the project’s own DP-SGD step, noise layer or joint privacy: ${mechanisms.join(', ')}`,
    (inner) =>
      mechanismOptions(
        inner.positional('mechanism', { type: 'string', describe: mechanisms.join(', '), demandOption: true }),
      ),
    (given) => answer(given as unknown as MechanismArguments),
  );
}

function mechanismOptions<T>(yargs: Argv<T>): Argv {
  return yargs
    .option('trials', { type: 'number', default: 10_000, describe: 'runs in each of the two worlds' })
    .option('seed', { type: 'number', default: 1, describe: 'of everything random' })
    .option('delta', {
      type: 'number',
      default: 0.01,
      describe: 'δ at which ε is held against its claim; larger ones need fewer trials',
    })
    .option('confidence', { type: 'number', default: 0.95, describe: '1 − probability of a false alarm' })
    .option('clip-norm', { type: 'number', default: 1, describe: 'dp-sgd, joint-dp: largest norm of what is clipped' })
    .option('noise-multiplier', { type: 'number', default: 1, describe: 'dp-sgd: noise ÷ clipNorm' })
    .option('sampling-rate', {
      type: 'number',
      default: 1,
      describe: 'dp-sgd: probability that the canary is in a lot',
    })
    .option('model', { type: 'string', default: 'lenet5', describe: 'pixeldp: noise on the first layer of this model' })
    .option('noise', { type: 'string', default: 'laplace', describe: 'pixeldp: laplace, gaussian' })
    .option('epsilon', {
      type: 'number',
      describe: 'pixeldp: ε at the distance (1 where left out); joint-dp: of all passes (3)',
    })
    .option('distance', {
      type: 'number',
      default: 0.1,
      describe: 'pixeldp: calibration and distance of the two inputs',
    })
    .option('input-norm', {
      type: 'string',
      describe: 'pixeldp: l1, l2, linf, in which the inputs are that far apart; left out: the norm of the noise',
    })
    .option('sensitivity', {
      type: 'string',
      default: 'normalized',
      describe: 'pixeldp: normalized, orthonormal, bound, clip',
    })
    .option('label-epsilon', { type: 'number', default: 1, describe: 'joint-dp: part of ε spent on the label' })
    .option('gradient-share', { type: 'number', default: 0.3, describe: 'joint-dp: share of μ² spent on gradients' })
    .option('passes', { type: 'number', default: 1, describe: 'joint-dp: passes that ε is for; one of them is run' })
    .option('classes', { type: 'number', default: 10, describe: 'joint-dp: number of labels' })
    .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' }) as unknown as Argv;
}

async function answer(given: MechanismArguments): Promise<void> {
  const mechanism = oneOf('mechanism', given.mechanism, mechanisms);
  const trials = wholeNumber('--trials', given.trials, 8);
  const { auditSampler } = await import('../lab/audit/index.ts');
  const { seededRng } = await import('../arrays/rng.ts');
  await useAskedEngine(given);
  const { delta, confidence } = given;
  const work = async () => {
    const rng = seededRng(given.seed);
    const sampler = await samplerOf(mechanism, given, rng.fork('setup'));
    return auditSampler(sampler, { trials, delta, confidence, rng: rng.fork('audit') });
  };
  const result = await work().catch((error: unknown) => {
    throw usageErrorOf(error, { epsilon: undefined, ...given }); // has its default elsewhere
  });
  print(given.json, result, sentences(result));
  refuteIfContradicted(result.check);
}

async function samplerOf(mechanism: Mechanism, given: MechanismArguments, rng: Rng): Promise<MechanismSampler> {
  switch (mechanism) {
    case 'dp-sgd':
      return stepSampler(given);
    case 'pixeldp': {
      const { layerSampler } = await import('./audit-noise-layer.ts');
      return layerSampler({ ...given, epsilon: given.epsilon ?? 1 }, rng);
    }
    case 'joint-dp': {
      const { jointSampler } = await import('./audit-joint.ts');
      return jointSampler({ ...given, epsilon: given.epsilon ?? 3 });
    }
  }
}

async function stepSampler({ clipNorm, noiseMultiplier, samplingRate }: MechanismArguments): Promise<MechanismSampler> {
  const { dpSgdStepSampler } = await import('../lab/audit/index.ts');
  return dpSgdStepSampler({ clipNorm, noiseMultiplier, samplingRate });
}

function sentences({ description, trials, audit, check, gaussian }: SamplerAudit): string[] {
  return [
    `Audited ${trials} times in each world: ${description}.`,
    auditSentence(audit),
    ...(gaussian ? [auditSentence(gaussian.audit)] : []),
    claimSentence(check),
  ];
}
