/** `cutlayer account epsilon | noise | batch`: differential privacy accounting without a run. */

import { createInterface } from 'node:readline';
import type { Argv, CommandModule } from 'yargs';
import { ACCOUNTANTS, type AccountantName, dpSgdEvent, epsilonOf, noiseFor, rdpOf } from '../accounting/index.ts';
import type { EpsilonBounds } from '../contracts/event.ts';
import { print, toJson } from './output.ts';
import { UsageError } from './usage-error.ts';

/** What is asked; numbers are checked by the accountants. */
interface Request {
  readonly samplingRate: number;
  readonly steps: number;
  readonly delta: number;
  readonly accountant?: AccountantName;
}

const PROTECTS =
  'Protects: adding or removing one record (add-or-remove adjacency), against whoever sees every noisy update ' +
  'but not who was sampled; batches drawn by Poisson sampling.';

function choice(accountant: AccountantName | undefined): { accountant?: AccountantName } {
  return accountant === undefined ? {} : { accountant };
}

function boundsOf({ lower, estimate, upper }: EpsilonBounds): EpsilonBounds {
  return { lower, estimate, upper };
}

function askEpsilon(request: Request & { readonly noiseMultiplier: number }) {
  const answer = epsilonOf(dpSgdEvent(request), request.delta, choice(request.accountant));
  return { accountant: answer.accountant, epsilon: boundsOf(answer), delta: request.delta };
}

function askNoise(request: Request & { readonly epsilon: number }) {
  const { accountant, noiseMultiplier, epsilon } = noiseFor(request);
  return { accountant, noiseMultiplier, epsilon: boundsOf(epsilon) };
}

function shown(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : '∞';
}

/** One sentence on ε: the bound, the estimate beside it, or the warning that there is only an estimate. */
function epsilonSentence({ lower, estimate, upper }: EpsilonBounds, delta: number, accountant: string): string {
  const at = `at δ = ${delta} (accountant ${accountant})`;
  if (upper === null) return `ε ≈ ${shown(estimate ?? Number.NaN)} ${at}: an estimate, not a bound.`;
  const below = lower === null ? '' : `, and no less than ${shown(lower)}`;
  return `ε ≤ ${shown(upper)} ${at}${below}${estimate === null ? '' : `; estimate ${shown(estimate)}`}.`;
}

/** Runs a request of a person: what accountants refuse becomes a usage error. */
function asked<T>(answer: () => T): T {
  try {
    return answer();
  } catch (error) {
    throw error instanceof Error ? new UsageError(error.message) : error;
  }
}

function commonOptions(yargs: Argv) {
  return yargs
    .option('sampling-rate', { type: 'number', demandOption: true, describe: 'expected batch ÷ number of records' })
    .option('steps', { type: 'number', demandOption: true, describe: 'number of noisy updates' })
    .option('delta', { type: 'number', demandOption: true, describe: 'δ at which ε is stated' })
    .option('accountant', { choices: ACCOUNTANTS, describe: 'default: the tightest that applies' })
    .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' });
}

function epsilonCommand(yargs: Argv): Argv {
  return yargs.command(
    'epsilon',
    'ε of DP-SGD at a given δ',
    (inner) =>
      commonOptions(inner).option('noise-multiplier', {
        type: 'number',
        demandOption: true,
        describe: 'standard deviation of the noise ÷ clipping norm',
      }),
    ({ samplingRate, noiseMultiplier, steps, delta, accountant, json }) => {
      const answer = asked(() => askEpsilon({ samplingRate, noiseMultiplier, steps, delta, ...choice(accountant) }));
      print(json, answer, [epsilonSentence(answer.epsilon, delta, answer.accountant), PROTECTS]);
    },
  );
}

function noiseCommand(yargs: Argv): Argv {
  return yargs.command(
    'noise',
    'the least noise multiplier for a target ε',
    (inner) => commonOptions(inner).option('epsilon', { type: 'number', demandOption: true, describe: 'target ε' }),
    ({ samplingRate, epsilon, steps, delta, accountant, json }) => {
      const answer = asked(() => askNoise({ samplingRate, epsilon, steps, delta, ...choice(accountant) }));
      const sentence = `Noise multiplier ${answer.noiseMultiplier}: ${epsilonSentence(answer.epsilon, delta, answer.accountant)}`;
      print(json, answer, [sentence, PROTECTS]);
    },
  );
}

type Fields = Readonly<Record<string, unknown>>;

/** A field of a request as a number; "Infinity" is allowed as a string. */
function numberField(fields: Fields, name: string): number {
  const value = fields[name];
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (typeof value === 'number') return value;
  throw new RangeError(`${name} must be a number, but is ${value === undefined ? 'missing' : JSON.stringify(value)}.`);
}

function accountantField({ accountant }: Fields): { accountant?: AccountantName } {
  if (accountant === undefined || accountant === null) return {};
  const known = ACCOUNTANTS.find((name) => name === accountant);
  if (known !== undefined) return { accountant: known };
  throw new RangeError(`accountant must be one of ${ACCOUNTANTS.join(', ')}, but is ${JSON.stringify(accountant)}.`);
}

function requestOf(fields: Fields): Request {
  return {
    samplingRate: numberField(fields, 'samplingRate'),
    steps: numberField(fields, 'steps'),
    delta: numberField(fields, 'delta'),
    ...accountantField(fields),
  };
}

function rdpAnswer(fields: Fields): object {
  const [samplingRate, noiseMultiplier] = [numberField(fields, 'samplingRate'), numberField(fields, 'noiseMultiplier')];
  return { rdp: rdpOf(dpSgdEvent({ samplingRate, noiseMultiplier, steps: 1 }), numberField(fields, 'order')) };
}

function answerFields(fields: Fields): object {
  const { ask } = fields;
  switch (ask) {
    case 'epsilon':
      return askEpsilon({ ...requestOf(fields), noiseMultiplier: numberField(fields, 'noiseMultiplier') });
    case 'noise':
      return askNoise({ ...requestOf(fields), epsilon: numberField(fields, 'epsilon') });
    case 'rdp':
      return rdpAnswer(fields);
    default:
      throw new RangeError(`ask must be "epsilon", "noise" or "rdp", but is ${JSON.stringify(ask)}.`);
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function idOf({ id = null }: Fields): unknown {
  return id;
}

/** The answer to one line of a batch, as one line; whatever is wrong with the request is in its `error`. */
export function answerLine(line: string): string {
  let id: unknown = null;
  try {
    const fields: unknown = JSON.parse(line);
    if (!isFields(fields)) throw new RangeError('a request must be a JSON object.');
    id = idOf(fields);
    const start = performance.now();
    const answer = answerFields(fields);
    return toJson({ id, ...answer, elapsedMs: performance.now() - start });
  } catch (error) {
    return toJson({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

async function answerBatch(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') process.stdout.write(`${answerLine(line)}\n`);
  }
}

export const accountCommand: CommandModule = {
  command: 'account',
  describe: 'ε of DP-SGD, and the noise for a target ε',
  builder: (yargs) =>
    noiseCommand(epsilonCommand(yargs))
      .command('batch', 'answers JSON requests, one a line, from stdin', {}, answerBatch)
      .demandCommand(1, 'account needs one of: epsilon, noise, batch.')
      .strict(),
  handler: () => {},
};
