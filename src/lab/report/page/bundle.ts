/**
 * Makes one script out of what runs in the browser, tfjs-vis included. Only where the project is built or run from its sources: the
 * built package carries the script as a file.
 */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/** What the page draws with is not there. */
export class TfjsVisMissing extends Error {
  override readonly name = 'TfjsVisMissing';
}

/** @param folder Of the browser's sources. @throws TfjsVisMissing where tfjs-vis is not installed. */
export async function bundlePageScript(folder: string): Promise<string> {
  const tfjsVis = tfjsVisFolder();
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'main.ts')],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2020',
    charset: 'utf8',
    define: { global: 'window' },
    legalComments: 'eof',
    logLevel: 'silent',
    plugins: [extendedCharts(tfjsVis, join(folder, 'embed.ts'))],
  });
  return outputFiles[0]?.text ?? '';
}

function tfjsVisFolder(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-vis/package.json'));
  } catch (cause) {
    throw new TfjsVisMissing('@tensorflow/tfjs-vis is not installed ("npm install" in the project’s folder does)', {
      cause,
    });
  }
}

/** Charts of tfjs-vis reach vega-embed by way of `embed.ts`, where the page adds what tfjs-vis does not know: intervals, fronts, dashes. */
function extendedCharts(tfjsVis: string, embed: string): Plugin {
  const own = (specifier: string) => createRequire(join(tfjsVis, 'package.json')).resolve(specifier);
  const itself = Symbol('vega-embed itself');
  return {
    name: 'extended-charts',
    setup(build) {
      build.onResolve({ filter: /^@tensorflow\/tfjs-vis\// }, ({ path }) => ({ path: own(path) }));
      build.onResolve({ filter: /^vega-embed$/ }, ({ importer, pluginData }) => {
        if (pluginData === itself) return undefined;
        if (importer !== embed) return { path: 'embed', namespace: 'extended' };
        return build.resolve('vega-embed', { kind: 'import-statement', resolveDir: tfjsVis, pluginData: itself });
      });
      build.onLoad({ filter: /^embed$/, namespace: 'extended' }, () => ({
        contents: `export { embedChart as default } from ${JSON.stringify(embed)};`,
        resolveDir: dirname(embed),
      }));
    },
  };
}
