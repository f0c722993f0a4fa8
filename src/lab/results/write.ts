/** Writes what finished runs say: the CSV files, the pictures, the configuration and how it was all made. */

import { join } from 'node:path';
import type { RunConfig, RunResult } from '../../contracts/experiment.ts';
import { galleryPng } from '../pictures.ts';
import { confusionColumns, csvText, progressColumns, roundColumns, runColumns, timingColumns } from './csv.ts';
import { jsonText, writeAtomically } from './files.ts';
import { runIdOf } from './run-id.ts';
import { confusionRows, progressRows, roundRows, runRows, timingRows } from './run-rows.ts';
import { summaryColumns, summaryRows } from './summary.ts';

/** The tables of the runs that are finished, in the order of the plan. Cheap: written after every run. */
export function writeTables(folder: string, results: readonly RunResult[]): void {
  writeAtomically(join(folder, 'runs.csv'), csvText(runColumns, runRows(results)));
  writeAtomically(join(folder, 'rounds.csv'), csvText(roundColumns, roundRows(results)));
  writeAtomically(join(folder, 'confusion.csv'), csvText(confusionColumns, confusionRows(results)));
  writeAtomically(join(folder, 'progress.csv'), csvText(progressColumns, progressRows(results)));
  writeAtomically(join(folder, 'timings.csv'), csvText(timingColumns, timingRows(results)));
}

/** @param planned All runs of the experiment, finished or not. */
export async function writeSummary(
  folder: string,
  results: readonly RunResult[],
  planned: readonly RunConfig[],
): Promise<void> {
  writeAtomically(join(folder, 'summary.csv'), csvText(summaryColumns, await summaryRows(results, planned)));
}

/** Every run with all its defaults. */
export function writeConfiguration(folder: string, runs: readonly RunConfig[]): void {
  const resolved = runs.map((config) => ({ run_id: runIdOf(config), ...config }));
  writeAtomically(join(folder, 'config.json'), jsonText({ runs: resolved }));
}

export function writeProvenance(folder: string, provenance: object): void {
  writeAtomically(join(folder, 'provenance.json'), jsonText(provenance));
}

/** One picture for each attack that makes images: originals above reconstructions. Returns the files' names. */
export function writePictures(folder: string, result: RunResult): string[] {
  return result.attacks.flatMap(({ attack, gallery }, index) => {
    if (gallery.originals.length === 0) return [];
    const file = join(folder, 'pictures', `${runIdOf(result.config)}-${index + 1}-${attack.name}.png`);
    writeAtomically(file, galleryPng(gallery));
    return [file];
  });
}
