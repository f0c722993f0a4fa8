/** Which data sets are there. Reading one checks its files: complete, well formed and, where they are known, checksums. */

import type { DataFile, DatasetEntry } from '../../contracts/dataset.ts';

export interface DatasetReport {
  readonly name: string;
  readonly required: boolean;
  readonly ok: boolean;
  readonly examples?: { readonly train: number; readonly test: number };
  readonly files?: readonly DataFile[];
  /** What to know of them all the same. */
  readonly warnings?: readonly string[];
  /** Why it is not ok, and how to get it. */
  readonly reason?: string;
}

/** @param dir The user's own folder, where a data set is not found without. */
export async function examineDatasets(
  entries: readonly DatasetEntry[],
  dir: string | undefined,
): Promise<DatasetReport[]> {
  const reports: DatasetReport[] = [];
  for (const entry of entries) {
    const found = await examine(entry, undefined);
    reports.push(found.ok || dir === undefined ? found : await examine(entry, dir));
  }
  return reports;
}

async function examine(entry: DatasetEntry, dir: string | undefined): Promise<DatasetReport> {
  const { name } = entry;
  const required = name === 'mnist'; // what the shipped experiments use
  try {
    const { train, test, files, warnings } = await entry.load({ dir });
    return { name, required, ok: true, examples: { train: train.size, test: test.size }, files, warnings };
  } catch (error) {
    return { name, required, ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
