/** `cutlayer audit mechanism`: runs the project's own DP-SGD step or noise layer many times and looks for more than it claims. */

import type { Argv } from 'yargs';
import type { MechanismSampler, SamplerAudit } from '../lab/audit/index.ts';
import { auditSentence, claimSentence, refuteIfContradicted } from './audit-level.ts';
import type { LayerArguments } from './audit-noise-layer.ts';
import { wholeNumber } from './global-options.ts';
import { oneOf } from './one-of.ts';
import { print } from './output.ts';
import { UsageError } from './usage-error.ts';

const mechanisms = ['dp-sgd', 'pixeldp'] as const;

interface MechanismArguments extends LayerArguments {
  readonly mechanism: string;
  readonly trials: number;
  readonly seed: number;
  readonly confidence: number;
  readonly json: boolean;
  readonly clipNorm: number;
  readonly noiseMultiplier: number;
  readonly samplingRate: number;
}

export function mechanismCommand(yargs: Argv): Argv {
  return yargs.command(
    'mechanism <mechanism>',
    'runs the project’s own DP-SGD step or noise layer: dp-sgd, pixeldp',
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
    .option('clip-norm', { type: 'number', default: 1, describe: 'dp-sgd: largest norm of one example’s gradient' })
    .option('noise-multiplier', { type: 'number', default: 1, describe: 'dp-sgd: noise ÷ clipNorm' })
    .option('sampling-rate', {
      type: 'number',
      default: 1,
      describe: 'dp-sgd: probability that the canary is in a lot',
    })
    .option('model', { type: 'string', default: 'lenet5', describe: 'pixeldp: noise on the first layer of this model' })
    .option('noise', { type: 'string', default: 'laplace', describe: 'pixeldp: laplace, gaussian' })
    .option('epsilon', { type: 'number', default: 1, describe: 'pixeldp: ε at the distance' })
    .option('distance', {
      type: 'number',
      default: 0.1,
      describe: 'pixeldp: calibration and distance of the two inputs',
    })
    .option('sensitivity', { type: 'string', default: 'normalized', describe: 'pixeldp: normalized, bound, clip' })
    .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' }) as unknown as Argv;
}

async function answer(given: MechanismArguments): Promise<void> {
  const mechanism = oneOf('mechanism', given.mechanism, mechanisms);
  const trials = wholeNumber('--trials', given.trials, 8);
  const { auditSampler } = await import('../lab/audit/index.ts');
  const { layerSampler } = await import('./audit-noise-layer.ts');
  const { seededRng } = await import('../arrays/rng.ts');
  const { useEngine } = await import('../compile/engine.ts');
  const { engine = 'onnx', threads = 1 } = given as { engine?: 'onnx'; threads?: number };
  await useEngine(engine, { threads });
  const { delta, confidence } = given;
  const result = await refusingRanges(async () => {
    const rng = seededRng(given.seed);
    const sampler = await (mechanism === 'dp-sgd' ? stepSampler(given) : layerSampler(given, rng.fork('setup')));
    return auditSampler(sampler, { trials, delta, confidence, rng: rng.fork('audit') });
  });
  print(given.json, result, sentences(result));
  refuteIfContradicted(result.check);
}

/** A RangeError before anything is printed is a wrong request. */
async function refusingRanges<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
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
