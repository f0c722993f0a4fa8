/** The page's script: as the build left it beside this file, or bundled out of the sources. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundlePageScript, TfjsVisMissing } from './bundle.ts';

export interface PageScript {
  readonly text?: string;
  /** Why there is none. */
  readonly reason?: string;
}

/** Where the build puts it. */
export const builtScript = 'page-script.js';

let made: Promise<PageScript> | undefined;

/** Made once a process. */
export function pageScript(): Promise<PageScript> {
  made ??= readOrBundle();
  return made;
}

async function readOrBundle(): Promise<PageScript> {
  const built = fileURLToPath(new URL(builtScript, import.meta.url));
  if (existsSync(built)) return { text: readFileSync(built, 'utf8') };
  try {
    return { text: await bundlePageScript(fileURLToPath(new URL('browser/', import.meta.url))) };
  } catch (error) {
    if (error instanceof TfjsVisMissing) return { reason: error.message };
    throw error;
  }
}
