/** `cutlayer account epsilon | delta | noise | steps | rate | joint | batch`: privacy accounting without a run. */

import type { Argv, CommandModule } from 'yargs';
import { ACCOUNTANTS, sideBySide } from '../accounting/index.ts';
import type { Adjacency } from '../contracts/event.ts';
import { answerBatch } from './account-batch.ts';
import { writeCurve } from './account-curve.ts';
import { jointCommand } from './account-joint.ts';
import { askDelta, askEpsilon, askNoise, askRate, askSteps, choiceOf, type Request } from './account-request.ts';
import { ADJACENCIES, comparison, epsilonSentence, protection, shown } from './account-text.ts';
import { asUsageError } from './as-usage-error.ts';
import { print } from './output.ts';

const NUMBERS = {
  'sampling-rate': { type: 'number', demandOption: true, describe: 'expected batch ÷ number of records' },
  'noise-multiplier': { type: 'number', demandOption: true, describe: 'standard deviation ÷ clipping norm' },
  steps: { type: 'number', demandOption: true, describe: 'number of noisy updates' },
  delta: { type: 'number', demandOption: true, describe: 'δ at which ε is stated' },
  epsilon: { type: 'number', demandOption: true, describe: 'target ε' },
} as const;

function withAdjacency<T>(yargs: Argv<T>) {
  return yargs
    .option('adjacency', { choices: ADJACENCIES, describe: 'default: add-or-remove' })
    .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' });
}

function withChoices<T>(yargs: Argv<T>) {
  return withAdjacency(yargs).option('accountant', {
    choices: ACCOUNTANTS,
    describe: 'default: the tightest that applies',
  });
}

/** The lines for a person after what the answer says first. */
function lines(first: string, adjacency: Adjacency | undefined): string[] {
  return [first, ...protection(adjacency)];
}

type EpsilonRequest = Parameters<typeof askEpsilon>[0];

function printEpsilon(request: EpsilonRequest, { json, curve }: { json: boolean; curve: string | undefined }): void {
  const answer = asUsageError(() => askEpsilon(request));
  if (curve !== undefined) writeCurve(curve, request);
  print(json, answer, lines(epsilonSentence(answer.epsilon, answer), request.adjacency));
}

function printAll(request: EpsilonRequest, { json, curve }: { json: boolean; curve: string | undefined }): void {
  const { accountant: _, ...rest } = request;
  const accountants = asUsageError(() => sideBySide(request, request.delta, choiceOf(rest)));
  if (curve !== undefined) writeCurve(curve, rest);
  const text = [...comparison(accountants), ...protection(request.adjacency)];
  print(json, { accountants, delta: request.delta }, text);
}

function epsilonCommand(yargs: Argv): Argv {
  const { epsilon: _, ...numbers } = NUMBERS;
  return yargs.command(
    'epsilon',
    'ε of DP-SGD at a given δ',
    (inner) =>
      withAdjacency(inner.options(numbers))
        .option('accountant', { choices: [...ACCOUNTANTS, 'all'] as const, describe: 'all: every one side by side' })
        .option('curve', { type: 'string', describe: 'also write ε over steps to FILE.csv or FILE.svg' }),
    ({ json, curve, accountant, adjacency, ...numbersGiven }) => {
      const request = requestOf(numbersGiven, adjacency);
      if (accountant === 'all') printAll(request, { json, curve });
      else printEpsilon({ ...request, ...choiceOf(accountant === undefined ? {} : { accountant }) }, { json, curve });
    },
  );
}

type Numbers = Omit<Request, 'accountant' | 'adjacency' | 'epsilon'>;

function requestOf({ samplingRate, noiseMultiplier, steps, delta }: Numbers, adjacency?: Adjacency) {
  return { samplingRate, noiseMultiplier, steps, delta, ...(adjacency === undefined ? {} : { adjacency }) };
}

function noiseCommand(yargs: Argv): Argv {
  const { 'noise-multiplier': _, ...numbers } = NUMBERS;
  return yargs.command(
    'noise',
    'the least noise multiplier for a target ε',
    (inner) => withChoices(inner.options(numbers)),
    ({ samplingRate, epsilon, steps, delta, json, accountant, adjacency }) => {
      const choices = choiceOf(chosen(accountant, adjacency));
      const answer = asUsageError(() => askNoise({ samplingRate, epsilon, steps, delta, ...choices }));
      const sentence = epsilonSentence(answer.epsilon, { delta, accountant: answer.accountant });
      print(json, answer, lines(`Noise multiplier ${answer.noiseMultiplier}: ${sentence}`, adjacency));
    },
  );
}

function stepsCommand(yargs: Argv): Argv {
  const { steps: _, ...numbers } = NUMBERS;
  return yargs.command(
    'steps',
    'the largest number of steps for a target ε',
    (inner) => withChoices(inner.options(numbers)),
    ({ samplingRate, noiseMultiplier, epsilon, delta, json, accountant, adjacency }) => {
      const request = { samplingRate, noiseMultiplier, epsilon, delta, ...choiceOf(chosen(accountant, adjacency)) };
      const answer = asUsageError(() => askSteps(request));
      const sentence = epsilonSentence(answer.epsilon, { delta, accountant: answer.accountant });
      print(json, answer, lines(`${answer.steps} steps: ${sentence}`, adjacency));
    },
  );
}

function rateCommand(yargs: Argv): Argv {
  const { 'sampling-rate': _, ...numbers } = NUMBERS;
  return yargs.command(
    'rate',
    'the largest sampling rate for a target ε',
    (inner) => withChoices(inner.options(numbers)),
    ({ noiseMultiplier, steps, epsilon, delta, json, accountant, adjacency }) => {
      const request = { noiseMultiplier, steps, epsilon, delta, ...choiceOf(chosen(accountant, adjacency)) };
      const answer = asUsageError(() => askRate(request));
      const sentence = epsilonSentence(answer.epsilon, { delta, accountant: answer.accountant });
      print(json, answer, lines(`Sampling rate ${shown(answer.samplingRate)}: ${sentence}`, adjacency));
    },
  );
}

function deltaCommand(yargs: Argv): Argv {
  const { delta: _, ...numbers } = NUMBERS;
  return yargs.command(
    'delta',
    'the least δ for a target ε',
    (inner) => withChoices(inner.options(numbers)),
    ({ samplingRate, noiseMultiplier, steps, epsilon, json, accountant, adjacency }) => {
      const request = { samplingRate, noiseMultiplier, steps, epsilon, ...choiceOf(chosen(accountant, adjacency)) };
      const answer = asUsageError(() => askDelta(request));
      const sentence = epsilonSentence(answer.epsilon, answer);
      print(json, answer, lines(`δ ${shown(answer.delta)}: ${sentence}`, adjacency));
    },
  );
}

function chosen(accountant: Request['accountant'], adjacency: Adjacency | undefined) {
  return { ...(accountant === undefined ? {} : { accountant }), ...(adjacency === undefined ? {} : { adjacency }) };
}

export const accountCommand: CommandModule = {
  command: 'account',
  describe: 'ε of DP-SGD, and the noise, steps, rate or δ for a target ε',
  builder: (yargs) =>
    [epsilonCommand, deltaCommand, noiseCommand, stepsCommand, rateCommand, jointCommand]
      .reduce((built, add) => add(built), yargs)
      .command('batch', 'answers JSON requests, one a line, from stdin', {}, answerBatch)
      .demandCommand(1, 'account needs one of: epsilon, delta, noise, steps, rate, joint, batch.')
      .strict(),
  handler: () => {},
};
