/** `cutlayer audit training`: one training of the project's own trainer with canaries in it, held against the accountant. */

import type { Argv } from 'yargs';
import type { TrainingAudit } from '../lab/audit/index.ts';
import { usageErrorOf } from './as-usage-error.ts';
import { useAskedEngine } from './asked-engine.ts';
import { auditSentence, claimSentence, refuteIfContradicted } from './audit-level.ts';
import { type GlobalOptions, wholeNumber } from './global-options.ts';
import { print } from './output.ts';

interface TrainingArguments extends GlobalOptions {
  readonly canaries: number;
  readonly rounds: number;
  readonly samplingRate: number;
  readonly clipNorm: number;
  readonly noiseMultiplier: number;
  readonly seed: number;
  readonly delta: number;
  readonly confidence: number;
  readonly json: boolean;
}

export function trainingCommand(yargs: Argv): Argv {
  return yargs.command(
    'training',
    'trains once with DP-SGD and canaries, and looks for more than is claimed of the whole training',
    (inner) =>
      inner
        .option('canaries', { type: 'number', default: 1000, describe: 'each is in by its own fair coin' })
        .option('rounds', { type: 'number', default: 4, describe: 'of training; 1 ÷ sampling rate steps in each' })
        .option('sampling-rate', { type: 'number', default: 1, describe: 'probability that a record is in a lot' })
        .option('clip-norm', { type: 'number', default: 1, describe: 'largest norm of one example’s gradient' })
        .option('noise-multiplier', { type: 'number', default: 1, describe: 'noise ÷ clipNorm' })
        .option('seed', { type: 'number', default: 1, describe: 'of everything random' })
        .option('delta', { type: 'number', default: 1e-5, describe: 'δ at which ε is held against its claim' })
        .option('confidence', { type: 'number', default: 0.95, describe: '1 − probability of a false alarm' })
        .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' }),
    (given) => answer(given as unknown as TrainingArguments),
  );
}

async function answer(given: TrainingArguments): Promise<void> {
  const canaries = wholeNumber('--canaries', given.canaries, 40);
  const rounds = wholeNumber('--rounds', given.rounds);
  const { samplingRate, clipNorm, noiseMultiplier, delta, confidence, seed } = given;
  const { auditTraining } = await import('../lab/audit/index.ts');
  const { seededRng } = await import('../arrays/rng.ts');
  await useAskedEngine(given);
  const rule = { clipNorm, noiseMultiplier };
  const options = { canaries, rounds, samplingRate, rule, delta, confidence, rng: seededRng(seed) };
  const result = await auditTraining(options).catch((error: unknown) => {
    throw usageErrorOf(error, given);
  });
  print(given.json, result, sentences(result));
  refuteIfContradicted(checkOf(result));
}

const checkOf = ({ claimed, audited, confidence, ok }: TrainingAudit) => ({ claimed, audited, confidence, ok });

function sentences(result: TrainingAudit): string[] {
  const { description, included, confidence, bounds } = result;
  return [
    `Trained once: ${description}, ${included} of them in.`,
    ...bounds.map((bound) => `${bound.view}: ${auditSentence(bound)}`),
    `All of them hold together with confidence ${confidence}. What they suppose is what the claim says.`,
    claimSentence(checkOf(result)),
  ];
}
