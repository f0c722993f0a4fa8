/** Builds a clone again, so that `npx cutlayer` knows what was added to its sources. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What the compiler says goes to stderr. @throws Error where it refuses; what was written stays. */
export function rebuild(root: string): void {
  process.stderr.write('Building, so that "npx cutlayer" knows it …\n');
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  throw new Error(
    'the files are written, but the sources do not compile. Mend what is named above, then "npm run build".',
  );
}
