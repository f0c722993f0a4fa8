/** Rows of a CSV file with a header, whose cells say what is wrong with them. */

import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { ResultsError } from './results-error.ts';

export interface CsvRow {
  /** "" for an empty cell. @throws ResultsError where the file has no such column. */
  text(column: string): string;
  /** `Infinity` and `NaN` as they are written. @throws ResultsError where it is no number. */
  number(column: string): number;
  /** For messages: file, line and column. */
  place(column: string): string;
}

interface Parsed {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

/** @throws ResultsError where the file is no CSV, or a row has more or fewer cells than the header. */
export function parseCsv(file: string): CsvRow[] {
  try {
    const rows = parse(readFileSync(file, 'utf8'), { columns: true, info: true }) as unknown as Parsed[];
    return rows.map((row) => csvRow(file, row));
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause)) throw cause;
    throw new ResultsError(`${file} cannot be read: ${cause.message}.`, { cause });
  }
}

function csvRow(file: string, { record, info }: Parsed): CsvRow {
  const place = (column: string) => `${file}, line ${info.lines}: ${column}`;
  const text = (column: string) => {
    const cell = record[column];
    if (cell === undefined) {
      throw new ResultsError(
        `${file} has no column ${column}: another version of cutlayer wrote it. Run the experiment again.`,
      );
    }
    return cell;
  };
  return {
    place,
    text,
    number(column) {
      const cell = text(column);
      const value = cell === '' ? Number.NaN : Number(cell);
      if (!Number.isNaN(value) || cell === 'NaN') return value;
      throw new ResultsError(`${place(column)} must be a number, but is "${cell}".`);
    },
  };
}
