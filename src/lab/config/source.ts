/** An experiment file as it was written: its values, and on which line each of them stands. */

import { basename, extname } from 'node:path';
import { type Document, isMap, isNode, LineCounter, parse, parseDocument } from 'yaml';
import { experimentText } from './experiment-text.ts';
import { misfitOf, type Override, overridden } from './overrides.ts';
import { ConfigError, type ConfigPath, liesWithin } from './problems.ts';
import type { Json } from './values.ts';

export interface Source {
  /** How the file was named. */
  readonly file: string;
  /** The file's name without its ending: the experiment's name where it gives none. */
  readonly defaultName: string;
  readonly values: Json;
  /**
   * Where the value at a path was written, or the nearest thing around it: `a.yaml:12` or `--set model.cut=3`; both where only
   * a part of it was set; `a.yaml (missing)` where the file has nothing of it.
   */
  locate(path: ConfigPath): string;
  /** Whether a `--set` replaces this value or a part of it. */
  isSet(path: ConfigPath): boolean;
  /** The same, or something around it. */
  isChanged(path: ConfigPath): boolean;
}

/**
 * @param sets `PATH=VALUE` each, the value in YAML: they replace what the file says.
 * @param text What stands in the file, for who has read it already.
 * @throws ConfigError for a file that cannot be read or is no YAML, with its lines; for a `--set` that makes no sense.
 */
export function readSource(file: string, sets: readonly string[] = [], text = experimentText(file)): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) throw notYaml(file, document, lines);
  const written = document.toJS() as Json;
  if (written === null || written === undefined)
    throw unreadable(`${file} is empty. An experiment is a record (name, data, model, trainer, …).`);
  if (typeof written !== 'object' || Array.isArray(written)) {
    throw unreadable(
      `${file}: an experiment is a record (name, data, model, trainer, …), but this is ${Array.isArray(written) ? 'a list' : `"${shortened(String(written), 60)}"`}.`,
    );
  }
  const replaced = sets.map(parseSet);
  const misfit = misfitOf(written as Json, replaced);
  if (misfit) throw unreadable(`${misfit.override.text}: ${misfit.message}.`);
  return {
    file,
    defaultName: basename(file, extname(file)),
    values: overridden(written as Json, replaced),
    isSet: (path) => replaced.some((set) => liesWithin(set.path, path)),
    isChanged: (path) => replaced.some((set) => liesWithin(set.path, path) || liesWithin(path, set.path)),
    locate: (path) => {
      const set = replaced.findLast((candidate) => liesWithin(path, candidate.path));
      if (set) return set.text;
      const parts = replaced.filter((candidate) => liesWithin(candidate.path, path)).map(({ text }) => ` ${text}`);
      const line = lineOf(document, lines, path);
      if (parts.length > 0 && line === missing) return parts.join('').trim();
      return `${file}${line}${parts.length > 0 ? ' with' : ''}${parts.join('')}`;
    },
  };
}

const mostErrors = 5;

/** One mistake makes many: the first say where it is. */
function notYaml(file: string, { errors }: Document, lines: LineCounter): ConfigError {
  const told = errors
    .slice(0, mostErrors)
    .map(({ pos: [start], message }) => `${file}:${lines.linePos(start).line}: ${shortened(firstLine(message), 100)}`);
  const more = errors.length - told.length;
  return unreadable([...told, ...(more > 0 ? [`and ${more} more; is this an experiment file?`] : [])].join('\n'));
}

function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

const firstLine = (message: string): string =>
  message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '.') ?? message;

interface Replacement extends Override {
  /** `--set PATH=VALUE`, a long value shortened. */
  readonly text: string;
}

/** `grid.model.cut=[2,3]` sets the grid's key `model.cut`, `grid.zip.model.cut` that of its `zip`; elsewhere every dot is a step. */
function parseSet(text: string): Replacement {
  const end = text.indexOf('=');
  if (end < 1) throw unreadable(`--set must be PATH=VALUE, as in --set model.cut=3, but is "${text}".`);
  const path = text.slice(0, end);
  return {
    text: `--set ${path}=${shortened(text.slice(end + 1), 40)}`,
    path: gridStepsOf(path) ?? stepsOf(path),
    value: parseValue(text, end),
  };
}

function gridStepsOf(path: string): ConfigPath | undefined {
  const [, zip, key] = /^grid\.(zip\.)?(.+)$/.exec(path) ?? [];
  if (key === undefined) return undefined;
  return zip === undefined ? ['grid', key] : ['grid', 'zip', key];
}

function parseValue(text: string, end: number): Json {
  try {
    return parse(text.slice(end + 1)) as Json;
  } catch (cause) {
    throw unreadable(`--set ${text}: the value is no YAML (${firstLine((cause as Error).message)})`, { cause });
  }
}

/** `attacks.0.victims` → `['attacks', 0, 'victims']`. */
export function stepsOf(path: string): ConfigPath {
  return path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

const missing = ' (missing)';

/** `:12` of the value (where it has a key, of that), or of the nearest enclosing one that was written; or that there is none. */
function lineOf(document: Document, lines: LineCounter, path: ConfigPath): string {
  for (let length = path.length; length > 0; length -= 1) {
    const start = startOf(document, path.slice(0, length));
    if (start !== undefined) return `:${lines.linePos(start).line}`;
  }
  return path.length === 0 ? ':1' : missing;
}

function startOf(document: Document, path: ConfigPath): number | undefined {
  const outer = document.getIn(path.slice(0, -1), true);
  const pair = isMap(outer) ? outer.items.find(({ key }) => String(key) === String(path.at(-1))) : undefined;
  const node = pair ? pair.key : document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}

function unreadable(message: string, options?: ErrorOptions): ConfigError {
  return new ConfigError([{ path: [], message }], options);
}
