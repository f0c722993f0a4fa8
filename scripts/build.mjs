/**
 * Compiles src, attacks, defenses and bench into dist, joins what the command would read from many files, bundles the script of the report's
 * page, and marks the command as executable.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const joined = ['src/cli/yargs.js', 'src/accounting/index.js'];

// A package installed from its archive has dist and no sources; there is nothing to build then.
if (existsSync(join(root, 'tsconfig.build.json'))) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const tsc = require.resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '--project', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1); // the compiler has said what is wrong
  const { joinModules } = await import('./join-modules.mjs');
  for (const module of joined) await joinModules(join(root, 'dist', module));
  await bundlePage();
  chmodSync(join(root, 'dist/src/cli/main.js'), 0o755);
  const table = 'src/accounting/testing/accounting.csv'; // what `cutlayer bench accounting` goes through
  copyFileSync(join(root, table), join(root, 'dist', table));
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

/** What runs in the browser, with the charts of tfjs-vis, as one file: the installed package needs neither tfjs-vis nor a bundler. */
async function bundlePage() {
  const { bundlePageScript } = await import('../dist/src/lab/report/page/bundle.js');
  const { builtScript } = await import('../dist/src/lab/report/page/script.js');
  try {
    const script = await bundlePageScript(join(root, 'src/lab/report/page/browser'));
    writeFileSync(join(root, 'dist/src/lab/report/page', builtScript), script);
  } catch (error) {
    if (error.name !== 'TfjsVisMissing') throw error;
    console.error(`Reports will have no page: ${error.message}.`);
  }
}
