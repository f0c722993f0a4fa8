/** One file of a built module and all that it imports: to find and read 40 or 90 small files takes Node.js longer than to run them. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * yargs measures texts by tables of emoji and wide characters, which take longer to load than yargs itself. Help has neither: a test
 * sees to it that every character there takes one column.
 */
const alias = { 'string-width': 'data:text/javascript,export default (text) => [...text].length' };

/**
 * Puts the one file in the module's place, and the licenses of the packages in it beside it. Only for a module that is the one way to what
 * it imports: who imports that directly gets a second copy.
 */
export async function joinModules(file) {
  const { metafile } = await build({
    entryPoints: [file],
    outfile: file,
    allowOverwrite: true,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    charset: 'utf8',
    alias,
    logLevel: 'warning',
    metafile: true,
  });
  const packages = new Set(Object.keys(metafile.inputs).flatMap((input) => packageOf(input) ?? []));
  if (packages.size > 0) writeFileSync(`${file}.licenses.txt`, [...packages].sort().map(licenseOf).join('\n\n'));
}

/** The folder of the package that a file is of; undefined for a file of ours. */
function packageOf(file) {
  return /^.*node_modules\/(?:@[^/]*\/)?[^/]*/.exec(file)?.[0];
}

function licenseOf(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${folder} has no license to hand on with ${name} ${version}.`);
  return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
}
