/** The version of cutlayer, from its package.json: beside src, or one folder further up beside dist. */

import { readFileSync } from 'node:fs';

const candidates = ['../../package.json', '../../../package.json'];

export function version(): string {
  for (const candidate of candidates) {
    const { name, version } = readPackage(new URL(candidate, import.meta.url));
    if (name === 'cutlayer' && version !== undefined) return version;
  }
  throw new Error('the package.json of cutlayer was not found. Install it again.');
}

function readPackage(url: URL): { readonly name?: string; readonly version?: string } {
  try {
    return JSON.parse(readFileSync(url, 'utf8')) as { name?: string; version?: string };
  } catch {
    return {};
  }
}
