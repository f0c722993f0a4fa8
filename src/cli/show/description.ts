/** What all entries are described by: name, summary, options, sources. */

import type { CatalogueEntry, OptionSpec } from '../../contracts/options.ts';
import type { Kind } from '../kinds.ts';
import { table } from '../table.ts';

/** One description, twice: as a JSON document and for a person. */
export interface Description {
  readonly document: object;
  readonly lines: readonly string[];
}

/** What a kind adds to the description of an entry. */
export interface Details {
  readonly document: object;
  /** Paragraphs between summary and options. */
  readonly lines: readonly string[];
}

export function described(kind: Kind, entry: CatalogueEntry, details: Details): Description {
  const { name, summary, options, sources } = entry;
  return {
    document: { kind, name, summary, ...details.document, options, sources },
    lines: [`${name} (${kind}): ${summary}`, ...details.lines, ...optionLines(options), ...sourceLines(sources)],
  };
}

function optionLines(options: CatalogueEntry['options']): string[] {
  const rows = Object.entries(options).map(([name, spec]) => [
    `  ${name}`,
    defaultOf(spec),
    rangeOf(spec),
    spec.description,
  ]);
  if (rows.length === 0) return ['', 'Options: none.'];
  return ['', 'Options:', ...table([['  name', 'default', 'allowed', ''], ...rows])];
}

function defaultOf({ default: preset }: OptionSpec): string {
  return preset === undefined ? '–' : plain(preset);
}

function plain(value: number | readonly number[] | string | boolean): string {
  return value === Number.POSITIVE_INFINITY ? '.inf' : String(value);
}

/** What is allowed: `integer ≥ 1`, `0 < number < 1`, `laplace | gaussian`. */
export function rangeOf(spec: OptionSpec): string {
  if (spec.type === 'choice') return spec.choices.join(' | ');
  if (spec.type === 'boolean') return 'true | false';
  if (spec.type === 'numbers') return `list of numbers${spec.above === undefined ? '' : ` > ${spec.above}`}`;
  const { type, min, max, above, below, infinite } = spec;
  const low = min ?? above;
  const high = max ?? below;
  const upTo = high === undefined ? type : `${type} ${max === undefined ? '<' : '≤'} ${high}`;
  const isOpen = min === undefined;
  const range = high === undefined ? `${type} ${isOpen ? '>' : '≥'} ${low}` : `${low} ${isOpen ? '<' : '≤'} ${upTo}`;
  return `${low === undefined ? upTo : range}${infinite ? ' or .inf' : ''}`;
}

function sourceLines(sources: readonly string[]): string[] {
  return sources.length === 0 ? [] : ['', 'Sources:', ...sources.map((source) => `  ${source}`)];
}
