/** Writes what finished runs say: the CSV files, the pictures, the configuration and how it was all made. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig, RunResult } from '../../contracts/experiment.ts';
import { galleryPng } from '../pictures.ts';
import {
  confusionColumns,
  csvHead,
  csvLines,
  csvText,
  progressColumns,
  roundColumns,
  runColumns,
  timingColumns,
} from './csv.ts';
import { jsonText, writeAtomically } from './files.ts';
import { runIdOf } from './run-id.ts';
import {
  confusionRows,
  progressRows,
  type Row,
  roundRows,
  rowsOfRun,
  timingRows,
  undefendedAmong,
} from './run-rows.ts';
import { summaryColumns, summaryRows } from './summary.ts';

/** The tables of the runs that are finished, in the order of the plan. Cheap: written after every run. */
export function writeTables(folder: string, results: readonly RunResult[]): void {
  const undefended = undefendedAmong(results);
  for (const { file, columns, linesOf } of tables) {
    const lines = results.map((result) => linesOf(result, undefended(result)));
    writeAtomically(join(folder, file), csvHead(columns) + lines.join(''));
  }
}

interface Table {
  readonly file: string;
  readonly columns: readonly string[];
  readonly linesOf: (result: RunResult, undefended: RunResult | undefined) => string;
}

const tables: readonly Table[] = [
  tableOf('runs.csv', runColumns, rowsOfRun),
  tableOf('rounds.csv', roundColumns, (result) => roundRows([result])),
  tableOf('confusion.csv', confusionColumns, (result) => confusionRows([result])),
  tableOf('progress.csv', progressColumns, (result) => progressRows([result])),
  tableOf('timings.csv', timingColumns, (result) => timingRows([result])),
];

/** The lines of each run are kept: of hundreds, all but one are the same as the last time. */
function tableOf(
  file: string,
  columns: readonly string[],
  rowsOf: (result: RunResult, undefended: RunResult | undefined) => Row[],
): Table {
  const known = new WeakMap<RunResult, { readonly undefended: RunResult | undefined; readonly lines: string }>();
  return {
    file,
    columns,
    linesOf(result, undefended) {
      const before = known.get(result);
      if (before && before.undefended === undefended) return before.lines;
      const lines = csvLines(columns, rowsOf(result, undefended));
      known.set(result, { undefended, lines });
      return lines;
    },
  };
}

/** @param planned All runs of the experiment, finished or not. */
export function writeSummary(folder: string, results: readonly RunResult[], planned: readonly RunConfig[]): void {
  writeAtomically(join(folder, 'summary.csv'), csvText(summaryColumns, summaryRows(results, planned)));
}

/** Every run with all its defaults. */
export function writeConfiguration(folder: string, runs: readonly RunConfig[]): void {
  const resolved = runs.map((config) => ({ run_id: runIdOf(config), ...config }));
  writeAtomically(join(folder, 'config.json'), jsonText({ runs: resolved }));
}

export function writeProvenance(folder: string, provenance: object): void {
  writeAtomically(join(folder, 'provenance.json'), jsonText(provenance));
}

/** One picture for each attack that makes images: originals above reconstructions. */
export function writePictures(folder: string, result: RunResult): void {
  for (const [index, { gallery }] of result.attacks.entries()) {
    if (gallery.originals.length > 0) writeAtomically(pictureFile(folder, result, index), galleryPng(gallery));
  }
}

/** Whether there is one for each attack, also for those that make no images. */
export function hasPictures(folder: string, result: RunResult): boolean {
  return result.attacks.every((_, index) => existsSync(pictureFile(folder, result, index)));
}

function pictureFile(folder: string, { config, attacks }: RunResult, index: number): string {
  return join(folder, 'pictures', `${runIdOf(config)}-${index + 1}-${attacks[index]?.attack.name}.png`);
}
