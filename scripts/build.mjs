/** Compiles src, attacks, defenses and bench into dist, and marks the command as executable. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

// A package installed from its archive has dist and no sources; there is nothing to build then.
if (existsSync(join(root, 'tsconfig.build.json'))) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const tsc = require.resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '--project', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1); // the compiler has said what is wrong
  chmodSync(join(root, 'dist/src/cli/main.js'), 0o755);
  linkCommand();
}

/** `npx cutlayer` in the project's own folder: without this link npx installs the project into its cache and builds it anew. */
function linkCommand() {
  if (process.platform === 'win32') return; // links need rights there; npx's own way is slower, but works
  const link = join(root, 'node_modules/.bin/cutlayer');
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync('../../dist/src/cli/main.js', link);
}
