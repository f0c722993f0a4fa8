/** `cutlayer report --watch`: the page of results that are still being made. */

import { statSync } from 'node:fs';
import type { MetricName } from '../contracts/experiment.ts';
import { pageScript } from '../lab/report/page/script.ts';
import { serveWatched, type WatchServer } from '../lab/report/watch/watch-server.ts';
import { versionOf, watchedPage } from '../lab/report/watch/watched-page.ts';
import { readResults } from '../lab/results/read.ts';
import { Interrupted } from './interrupted.ts';
import { print } from './output.ts';
import { UsageError } from './usage-error.ts';

export interface WatchRequest {
  readonly dir: string;
  readonly metric: MetricName | undefined;
  readonly port: number;
  readonly json: boolean;
  readonly argv: readonly string[];
}

/** Serves until Ctrl-C. @throws UsageError where there is no folder or the port is taken, Interrupted at the end. */
export async function watchReport(request: WatchRequest): Promise<never> {
  const server = await serve(request);
  print(request.json, { url: server.url }, [`${server.url} shows ${request.dir}, and follows it. Ctrl-C ends this.`]);
  await new Promise((resolve) => process.once('SIGINT', resolve));
  await server.close();
  throw new Interrupted('stopped watching.');
}

async function serve({ dir, metric, port, argv }: WatchRequest): Promise<WatchServer> {
  if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory()) readResults(dir); // says what is wrong
  const { text: script, reason } = await pageScript();
  if (script === undefined) throw new UsageError(`--watch needs the page, which is missing: ${reason}.`);
  const page = watchedPage({ folder: dir, metric, argv, script });
  try {
    return await serveWatched({ page, version: () => versionOf(dir), port });
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause)) throw cause;
    throw new UsageError(
      `--port ${port} cannot be listened on (${cause.message}). Without --port, any free one is taken.`,
      { cause },
    );
  }
}
