/** Parts that cutlayer works without: what other frameworks a benchmark could be timed against. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface OptionalPart {
  readonly name: string;
  readonly ok: boolean;
  readonly version?: string;
  /** What it is for, and how to get it. */
  readonly reason?: string;
}

const peers = [
  { name: 'pytorch', module: 'torch', howToGet: 'pip install torch' },
  { name: 'jax', module: 'jax', howToGet: 'pip install jax' },
] as const;

export function examineOptionalParts(): Promise<OptionalPart[]> {
  return Promise.all(peers.map(examinePeer));
}

async function examinePeer({ name, module, howToGet }: (typeof peers)[number]): Promise<OptionalPart> {
  const python = process.env['CUTLAYER_PYTHON'] ?? 'python3';
  const question = `import importlib.metadata as m; print(m.version("${module}"))`; // importing it would take seconds
  try {
    const { stdout } = await promisify(execFile)(python, ['-c', question], { timeout: 20_000 });
    return { name, ok: true, version: stdout.trim() };
  } catch {
    const how = `${howToGet}; CUTLAYER_PYTHON names another interpreter than python3`;
    return { name, ok: false, reason: `"cutlayer bench --peer ${name}" would need it: ${how}.` };
  }
}
