/** Figures of audits and certificates by other tools, held in CSV files beside this one. */

import { readFileSync } from 'node:fs';

export interface FigureRow {
  /** For the test's name. */
  readonly label: string;
  readonly value: number;
  /** An input by its name in the table. Throws where the row has none. */
  readonly input: (name: string) => number;
}

/** The rows of one quantity. */
export function figureRows(file: 'audit.csv' | 'certification.csv', quantity: string): FigureRow[] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  const rows = text.trim().split('\n').slice(1);
  const matching = rows.map((row) => row.split(',')).filter(([name]) => name === quantity);
  if (matching.length === 0) throw new Error(`${file} has no rows of "${quantity}"`);
  return matching.map(([, inputs = '', value]) => rowOf(inputs, Number(value)));
}

function rowOf(inputs: string, value: number): FigureRow {
  const values = new Map(inputs.split(' ').map((pair) => pair.split('=') as [string, string]));
  const input = (name: string) => {
    const found = values.get(name);
    if (found === undefined) throw new Error(`"${inputs}" has no ${name}`);
    return Number(found);
  };
  return { label: inputs, value, input };
}
