/** How results were made: everything that somebody would need who wants to make them again. */

import { groupBy } from '../group-by.ts';
import type { Conditions } from './conditions.ts';
import type { Origin } from './origin.ts';
import { runIdOf } from './run-id.ts';
import type { StoredRun } from './store.ts';

export interface ProvenanceInputs {
  /** The same for all runs. */
  readonly conditions: Conditions;
  /** Of the command that writes the tables. */
  readonly origin: Origin;
  readonly runs: readonly StoredRun[];
}

/**
 * What holds of every run (the conditions, the seeds, the data), what is true of the command that wrote the tables last, and
 * under `made` each way in which runs were made, with those that were: a sweep may have been interrupted and gone on elsewhere.
 */
export function provenanceOf({ conditions, origin, runs }: ProvenanceInputs): object {
  const { code, engine, threads, device, versions, noise } = conditions;
  const { argv, cutlayer, git, ...machine } = origin;
  return {
    ...{
      written: new Date().toISOString(),
      argv,
      cutlayer,
      code,
      git,
      engine: { name: engine, threads, ...(device && { device }), versions },
    },
    ...machine,
    noise,
    seeds: [...new Set(runs.map(({ result }) => result.config.seed))],
    data: dataFilesOf(runs),
    made: waysOf(runs),
  };
}

/** Each origin once. */
function waysOf(runs: readonly StoredRun[]): object[] {
  const ways = groupBy(runs, ({ origin }) => JSON.stringify(origin));
  return [...ways.values()].map((same) => ({
    ...same[0]?.origin,
    runs: same.map(({ result }) => runIdOf(result.config)),
  }));
}

/** Each file once. Data sets of one format have files of the same names, so the data set is named as well. */
function dataFilesOf(runs: readonly StoredRun[]): object[] {
  const files = runs.flatMap(({ result: { config, dataFiles } }) =>
    dataFiles.map(({ file, sha256 }) => ({ dataset: config.data.name, file, sha256 })),
  );
  return [...new Map(files.map((entry) => [JSON.stringify(entry), entry])).values()];
}
