/** `cutlayer account batch`: JSON requests, one a line, answered in order. */

import { createInterface } from 'node:readline';
import { ACCOUNTANTS, CONVERSIONS, dpSgdEvent, ORDER_GRIDS, rdpOf } from '../accounting/index.ts';
import { ADJACENCIES, choicesIn } from './account-options.ts';
import { askDelta, askEpsilon, askNoise, askRate, askSteps } from './account-request.ts';
import { toJson } from './output.ts';

/** For --help; the lines fit a terminal of 80 columns. */
export const batchFields = `Fields of a request, by what it asks:
  "ask":"epsilon"  samplingRate, noiseMultiplier, steps, delta
  "ask":"noise"    samplingRate, steps, delta, epsilon
  "ask":"steps"    samplingRate, noiseMultiplier, delta, epsilon
  "ask":"rate"     noiseMultiplier, steps, delta, epsilon
  "ask":"delta"    samplingRate, noiseMultiplier, steps, epsilon
  "ask":"rdp"      samplingRate, noiseMultiplier, order (of one step)
Numbers, or "Infinity" as a text. Of all of them:
  id               anything; the answer carries it
  recordsPerUser   ε is of a user with so many records; default: of one record
  accountant       ${ACCOUNTANTS.join(', ')}; default: the tightest
  adjacency        ${ADJACENCIES.join(', ')}
  orders           of rdp: ${ORDER_GRIDS.join(', ')}, or a list of numbers
  conversion       of rdp: ${CONVERSIONS.join(', ')}

An answer is one line: id, what is asked (or error), elapsedMs.`;

type Fields = Readonly<Record<string, unknown>>;

/** A field of a request as a number; "Infinity" is allowed as a string. */
function numberField(fields: Fields, name: string): number {
  const value = fields[name];
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  if (typeof value === 'number') return value;
  throw new RangeError(`${name} must be a number, but is ${value === undefined ? 'missing' : JSON.stringify(value)}.`);
}

/** The named numbers, and the choices. */
function numbersOf<K extends string>(fields: Fields, ...names: readonly K[]) {
  const numbers = Object.fromEntries(names.map((name) => [name, numberField(fields, name)])) as Record<K, number>;
  return { ...numbers, ...choicesIn(fields) };
}

function rdpAnswer(fields: Fields): object {
  const [samplingRate, noiseMultiplier] = [numberField(fields, 'samplingRate'), numberField(fields, 'noiseMultiplier')];
  return { rdp: rdpOf(dpSgdEvent({ samplingRate, noiseMultiplier, steps: 1 }), numberField(fields, 'order')) };
}

function answerFields(fields: Fields): object {
  const { ask } = fields;
  switch (ask) {
    case 'epsilon':
      return askEpsilon(numbersOf(fields, 'samplingRate', 'noiseMultiplier', 'steps', 'delta'));
    case 'noise':
      return askNoise(numbersOf(fields, 'samplingRate', 'steps', 'delta', 'epsilon'));
    case 'steps':
      return askSteps(numbersOf(fields, 'samplingRate', 'noiseMultiplier', 'delta', 'epsilon'));
    case 'rate':
      return askRate(numbersOf(fields, 'noiseMultiplier', 'steps', 'delta', 'epsilon'));
    case 'delta':
      return askDelta(numbersOf(fields, 'samplingRate', 'noiseMultiplier', 'steps', 'epsilon'));
    case 'rdp':
      return rdpAnswer(fields);
    default:
      throw new RangeError(
        `ask must be "epsilon", "noise", "steps", "rate", "delta" or "rdp", but is ${JSON.stringify(ask)}.`,
      );
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

export async function answerBatch(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') process.stdout.write(`${answerLine(line)}\n`);
  }
}
