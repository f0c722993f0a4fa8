/** Reading a user's own scores for `cutlayer audit scores`: a CSV with the columns `score` and `present`. */

import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { UsageError } from './usage-error.ts';

export interface ScoredCanary {
  readonly score: number;
  readonly isPresent: boolean;
}

/** Where a value stands, as a person finds it. */
interface Place {
  readonly file: string;
  readonly line: number;
}

interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** All that comes by a stream. */
export async function textOfStream(stream: Readable): Promise<NamedText> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return { name: 'stdin', text: Buffer.concat(chunks).toString('utf8') };
}

/** The text of a file. Throws a UsageError where it cannot be read. */
export function textOfFile(file: string): NamedText {
  try {
    return { name: file, text: readFileSync(file, 'utf8') };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message;
    throw new UsageError(`${file} cannot be read: ${reason}. Name a CSV file with the columns score and present.`);
  }
}

/**
 * The canaries of a CSV whose first line names its columns: `score` and `present` among them, in any order; others are not read.
 * Throws a UsageError with file, line, column and what is allowed.
 */
export function parseScores(file: string, text: string): ScoredCanary[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const columns = columnsOf(file, lines[0] ?? '');
  const canaries: ScoredCanary[] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '') continue;
    canaries.push(canaryOf({ file, line: index + 1 }, line, columns));
  }
  return canaries;
}

interface Columns {
  readonly names: readonly string[];
  readonly score: number;
  readonly present: number;
}

function columnsOf(file: string, header: string): Columns {
  const names = cellsOf(header);
  for (const name of ['score', 'present']) {
    const count = names.filter((candidate) => candidate === name).length;
    if (count === 1) continue;
    throw new UsageError(
      `${file}, line 1: the first line must name the columns, one of them "${name}" (like score,present), ` +
        `but "${name}" is there ${count === 0 ? 'nowhere' : `${count} times`} in "${shortened(header)}".`,
    );
  }
  return { names, score: names.indexOf('score'), present: names.indexOf('present') };
}

function canaryOf(place: Place, line: string, columns: Columns): ScoredCanary {
  const cells = cellsOf(line);
  if (cells.length !== columns.names.length) {
    throw new UsageError(
      `${place.file}, line ${place.line}: there must be ${columns.names.length} values, one for each of ` +
        `${columns.names.join(',')}, but there are ${cells.length}: "${shortened(line)}".`,
    );
  }
  return {
    score: scoreOf(place, cells[columns.score] ?? ''),
    isPresent: presenceOf(place, cells[columns.present] ?? ''),
  };
}

/** Likelihood ratios may be infinite; nothing else that is no number is a score. */
function scoreOf(place: Place, cell: string): number {
  const infinite = /^([+-]?)inf(inity)?$/i.exec(cell);
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell)) return Number(cell);
  throw refusal(place, 'score', { allowed: 'a number (1.5, -2e-3, inf)', cell });
}

const PRESENCE: Readonly<Record<string, boolean>> = { '1': true, true: true, '0': false, false: false };

function presenceOf(place: Place, cell: string): boolean {
  const isPresent = PRESENCE[cell.toLowerCase()];
  if (isPresent !== undefined) return isPresent;
  throw refusal(place, 'present', { allowed: '1 or true where the canary was in, 0 or false where it was not', cell });
}

function refusal({ file, line }: Place, column: string, { allowed, cell }: { allowed: string; cell: string }) {
  const given = cell === '' ? 'is empty' : `is "${shortened(cell)}"`;
  return new UsageError(`${file}, line ${line}, column ${column}: it must be ${allowed}, but ${given}.`);
}

function cellsOf(line: string): string[] {
  return line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

const shortened = (text: string) => (text.length > 40 ? `${text.slice(0, 39)}…` : text);
