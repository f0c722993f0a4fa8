/** Reads an experiment file, and nothing else: the process of a sweep does no more with it. */

import { readFileSync } from 'node:fs';
import { ConfigError } from './problems.ts';

/** @throws ConfigError where it cannot be read. */
export function experimentText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(code);
    const message = `${file} cannot be read: ${reason}. Name an experiment file, such as experiments/pixeldp-tradeoff.yaml.`;
    throw new ConfigError([{ path: [], message }], { cause });
  }
}
