/** An experiment file as it was written: its values, and on which line each of them stands. */

import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { type Document, isNode, LineCounter, parse, parseDocument } from 'yaml';
import { ConfigError, type ConfigPath, liesWithin } from './problems.ts';
import { type Json, setAt } from './values.ts';

export interface Source {
  /** How the file was named. */
  readonly file: string;
  /** The file's name without its ending: the experiment's name where it gives none. */
  readonly defaultName: string;
  readonly values: Json;
  /**
   * Where the value at a path was written, or the nearest thing around it: `a.yaml:12` or `--set model.cut=3`; both where only
   * a part of it was set.
   */
  locate(path: ConfigPath): string;
  /** Whether a `--set` replaces this value or a part of it. */
  isSet(path: ConfigPath): boolean;
  /** The same, or something around it. */
  isChanged(path: ConfigPath): boolean;
}

/**
 * @param sets `PATH=VALUE` each, the value in YAML: they replace what the file says.
 * @throws ConfigError for a file that cannot be read or is no YAML, with its lines; for a `--set` that makes no sense.
 */
export function readSource(file: string, sets: readonly string[] = []): Source {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines });
  const [broken] = document.errors;
  if (broken) {
    throw unreadable(
      document.errors
        .map(({ pos: [start], message }) => `${file}:${lines.linePos(start).line}: ${firstLine(message)}`)
        .join('\n'),
    );
  }
  const written = (document.toJS() as Json) ?? {};
  if (typeof written !== 'object' || Array.isArray(written)) {
    throw unreadable(
      `${file}: an experiment is a record (name, data, model, trainer, …), but this is ${Array.isArray(written) ? 'a list' : `"${String(written)}"`}.`,
    );
  }
  const replaced = sets.map(parseSet);
  return {
    file,
    defaultName: basename(file, extname(file)),
    values: replaced.reduce((values, { path, value }) => setAt(values, path, value), written as Json),
    isSet: (path) => replaced.some((set) => liesWithin(set.path, path)),
    isChanged: (path) => replaced.some((set) => liesWithin(set.path, path) || liesWithin(path, set.path)),
    locate: (path) => {
      const set = replaced.findLast((candidate) => liesWithin(path, candidate.path));
      if (set) return `--set ${set.text}`;
      const parts = replaced
        .filter((candidate) => liesWithin(candidate.path, path))
        .map(({ text }) => ` --set ${text}`);
      return `${file}:${lineOf(document, lines, path)}${parts.length > 0 ? ' with' : ''}${parts.join('')}`;
    },
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(code);
    throw unreadable(
      `${file} cannot be read: ${reason}. Name an experiment file, such as experiments/pixeldp-tradeoff.yaml.`,
      { cause },
    );
  }
}

const firstLine = (message: string): string =>
  message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '.') ?? message;

interface Replacement {
  readonly text: string;
  readonly path: ConfigPath;
  readonly value: Json;
}

/** `grid.model.cut=[2,3]` sets the grid's key `model.cut`; elsewhere every dot is a step. */
function parseSet(text: string): Replacement {
  const end = text.indexOf('=');
  if (end < 1) throw unreadable(`--set must be PATH=VALUE, as in --set model.cut=3, but is "${text}".`);
  const path = text.slice(0, end);
  const inGrid = path.startsWith('grid.');
  return { text, path: inGrid ? ['grid', path.slice('grid.'.length)] : stepsOf(path), value: parseValue(text, end) };
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

/** Of the value, or of the nearest enclosing one that was written. */
function lineOf(document: Document, lines: LineCounter, path: ConfigPath): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    const start = isNode(node) ? node.range?.[0] : undefined;
    if (start !== undefined) return lines.linePos(start).line;
  }
  return 1;
}

function unreadable(message: string, options?: ErrorOptions): ConfigError {
  return new ConfigError([{ path: [], message }], options);
}
