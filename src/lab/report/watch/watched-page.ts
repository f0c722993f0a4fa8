/** The page of a folder of results that still changes. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { MetricName } from '../../../contracts/experiment.ts';
import { readResults } from '../../results/read.ts';
import { ResultsError } from '../../results/results-error.ts';
import { originOf } from '../origin.ts';
import { html } from '../page/markup.ts';
import { pageHtml } from '../page/page.ts';
import { studyOf } from '../study.ts';
import { tradeOffsOf } from '../trade-off.ts';

export interface WatchedFolder {
  readonly folder: string;
  readonly metric?: MetricName | undefined;
  /** Of the report: what follows `cutlayer`. */
  readonly argv: readonly string[];
  /** What runs in the browser. */
  readonly script: string;
}

export interface Version {
  /** Changes whenever the files do. */
  readonly version: string;
  readonly text: string;
}

/** Made anew only where files changed. Where there is nothing to show yet, a page that says so and looks again by itself. */
export function watchedPage(watched: WatchedFolder): () => Promise<Version> {
  let last: { readonly version: string; readonly text: Promise<string> } | undefined;
  return async () => {
    const version = versionOf(watched.folder);
    if (last?.version !== version) last = { version, text: textOf(watched, version) };
    return { version, text: await last.text };
  };
}

const files = ['config.json', 'runs.csv', 'rounds.csv', 'provenance.json', 'pictures'] as const;

/** Of the files as they are: when they were written, and how long they are. */
export function versionOf(folder: string): string {
  return files
    .map((file) => statSync(join(folder, file), { throwIfNoEntry: false }))
    .map((stats) => (stats ? `${Math.round(stats.mtimeMs)}.${stats.size}` : '-'))
    .join('_');
}

async function textOf({ folder, metric, argv, script }: WatchedFolder, version: string): Promise<string> {
  try {
    const study = studyOf(readResults(folder), metric);
    const origin = originOf(study.provenance, argv);
    return pageHtml({ study, tradeOffs: tradeOffsOf(study), origin, script, watchedVersion: version });
  } catch (error) {
    if (error instanceof ResultsError) return waitingPage(error.message);
    throw error;
  }
}

function waitingPage(reason: string): string {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="refresh" content="2"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Waiting for results – cutlayer report</title></head>
<body><h1>Waiting for results</h1><p>${reason}</p><p>This page looks again every two seconds.</p></body>
</html>
`.text;
}
