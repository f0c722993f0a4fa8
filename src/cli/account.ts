/** `cutlayer account epsilon | delta | noise | steps | rate | joint | batch`: privacy accounting without a run. */

import type { Argv } from 'yargs';
import { ACCOUNTANTS, optionsIn, sideBySide } from '../accounting/index.ts';
import { counted } from '../arrays/counted.ts';
import type { EpsilonBounds } from '../contracts/event.ts';
import { answerBatch, batchFields } from './account-batch.ts';
import { jointCommand } from './account-joint.ts';
import { choicesOf, withChoices, withGeneral } from './account-options.ts';
import { askDelta, askEpsilon, askNoise, askRate, askSteps, type Choices } from './account-request.ts';
import {
  comparison,
  epsilonSentence,
  isBounded,
  noProtection,
  ordersSentence,
  protection,
  shownDown,
  shownUp,
} from './account-text.ts';
import { otherSampling, userProtection } from './account-user.ts';
import { asUsageError } from './as-usage-error.ts';
import type { CommandBody } from './commands.ts';
import { print } from './output.ts';

const NUMBERS = {
  'sampling-rate': { type: 'number', demandOption: true, describe: 'expected batch ÷ number of records' },
  'noise-multiplier': { type: 'number', demandOption: true, describe: 'standard deviation ÷ clipping norm' },
  steps: { type: 'number', demandOption: true, describe: 'number of noisy updates' },
  delta: { type: 'number', demandOption: true, describe: 'δ at which ε is stated' },
  epsilon: { type: 'number', demandOption: true, describe: 'target ε' },
} as const;

/** What the answer says first, and what that means. */
function lines(first: string, epsilon: EpsilonBounds, options: Choices): string[] {
  return [first, ...ordersSentence(options), ...(isBounded(epsilon) ? protectionOf(options) : noProtection())];
}

function protectionOf({ adjacency, recordsPerUser = 1 }: Choices): string[] {
  return recordsPerUser === 1 ? protection(adjacency) : userProtection(recordsPerUser);
}

type EpsilonRequest = Parameters<typeof askEpsilon>[0];

interface Output {
  readonly json: boolean;
  /** File of ε over steps. */
  readonly curve: string | undefined;
}

async function writeIfAsked(curve: string | undefined, request: EpsilonRequest): Promise<void> {
  if (curve === undefined) return;
  const { writeCurve } = await import('./account-curve.ts');
  writeCurve(curve, request);
}

async function printEpsilon(request: EpsilonRequest, { json, curve }: Output): Promise<void> {
  const answer = asUsageError(() => askEpsilon(request), request);
  await writeIfAsked(curve, request);
  const text = lines(epsilonSentence(answer.epsilon, answer), answer.epsilon, request);
  print(json, answer, [...text, ...(json ? [] : otherSampling(request))]);
}

async function printAll(request: EpsilonRequest, { json, curve }: Output): Promise<void> {
  const accountants = asUsageError(() => sideBySide(request, request.delta, optionsIn(request)), request);
  const { orders: _, conversion: __, ...tightest } = request;
  await writeIfAsked(curve, tightest);
  const someBound = accountants.some(({ epsilon }) => isBounded(epsilon));
  const text = [...comparison(accountants), ...(someBound ? protectionOf(request) : noProtection())];
  print(json, { accountants, delta: request.delta }, text);
}

function epsilonCommand(yargs: Argv): Argv {
  const { epsilon: _, ...numbers } = NUMBERS;
  return yargs.command(
    'epsilon',
    'ε of DP-SGD at a given δ',
    (inner) =>
      withGeneral(inner.options(numbers))
        .option('accountant', { choices: [...ACCOUNTANTS, 'all'] as const, describe: 'all: every one side by side' })
        .option('curve', { type: 'string', describe: 'also write ε over steps to FILE.csv or FILE.svg' }),
    ({ json, curve, accountant, samplingRate, noiseMultiplier, steps, delta, ...choices }) => {
      const numbersGiven = { samplingRate, noiseMultiplier, steps, delta };
      if (accountant === 'all') return printAll({ ...numbersGiven, ...choicesOf(choices) }, { json, curve });
      return printEpsilon({ ...numbersGiven, ...choicesOf({ ...choices, accountant }) }, { json, curve });
    },
  );
}

function noiseCommand(yargs: Argv): Argv {
  const { 'noise-multiplier': _, ...numbers } = NUMBERS;
  return yargs.command(
    'noise',
    'the least noise multiplier for a target ε',
    (inner) => withChoices(inner.options(numbers)),
    ({ samplingRate, epsilon, steps, delta, json, ...choices }) => {
      const options = choicesOf(choices);
      const request = { samplingRate, epsilon, steps, delta, ...options };
      const answer = asUsageError(() => askNoise(request), request);
      const sentence = epsilonSentence(answer.epsilon, { delta, accountant: answer.accountant });
      print(
        json,
        answer,
        lines(`Noise multiplier ${shownUp(answer.noiseMultiplier)}: ${sentence}`, answer.epsilon, options),
      );
    },
  );
}

function stepsCommand(yargs: Argv): Argv {
  const { steps: _, ...numbers } = NUMBERS;
  return yargs.command(
    'steps',
    'the largest number of steps for a target ε',
    (inner) => withChoices(inner.options(numbers)),
    ({ samplingRate, noiseMultiplier, epsilon, delta, json, ...choices }) => {
      const options = choicesOf(choices);
      const request = { samplingRate, noiseMultiplier, epsilon, delta, ...options };
      const answer = asUsageError(() => askSteps(request), request);
      const sentence = epsilonSentence(answer.epsilon, { delta, accountant: answer.accountant });
      print(json, answer, lines(`${counted(answer.steps, 'step')}: ${sentence}`, answer.epsilon, options));
    },
  );
}

function rateCommand(yargs: Argv): Argv {
  const { 'sampling-rate': _, ...numbers } = NUMBERS;
  return yargs.command(
    'rate',
    'the largest sampling rate for a target ε',
    (inner) => withChoices(inner.options(numbers)),
    ({ noiseMultiplier, steps, epsilon, delta, json, ...choices }) => {
      const options = choicesOf(choices);
      const request = { noiseMultiplier, steps, epsilon, delta, ...options };
      const answer = asUsageError(() => askRate(request), request);
      const sentence = epsilonSentence(answer.epsilon, { delta, accountant: answer.accountant });
      print(
        json,
        answer,
        lines(`Sampling rate ${shownDown(answer.samplingRate)}: ${sentence}`, answer.epsilon, options),
      );
    },
  );
}

function deltaCommand(yargs: Argv): Argv {
  const { delta: _, ...numbers } = NUMBERS;
  return yargs.command(
    'delta',
    'the least δ for a target ε',
    (inner) => withChoices(inner.options(numbers)),
    ({ samplingRate, noiseMultiplier, steps, epsilon, json, ...choices }) => {
      const options = choicesOf(choices);
      const request = { samplingRate, noiseMultiplier, steps, epsilon, ...options };
      const answer = asUsageError(() => askDelta(request), request);
      const sentence = epsilonSentence(answer.epsilon, answer);
      print(json, answer, lines(`δ ${shownUp(answer.delta)}: ${sentence}`, answer.epsilon, options));
    },
  );
}

export const accountCommand: CommandBody = {
  builder: (yargs) =>
    [epsilonCommand, deltaCommand, noiseCommand, stepsCommand, rateCommand, jointCommand]
      .reduce((built, add) => add(built), yargs)
      .command(
        'batch',
        'answers JSON requests, one a line, from stdin',
        (inner) => inner.epilogue(batchFields),
        answerBatch,
      )
      .demandCommand(1, 'account needs one of: epsilon, delta, noise, steps, rate, joint, batch.')
      .strict(),
  handler: () => {},
};
