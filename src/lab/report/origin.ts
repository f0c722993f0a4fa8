/** Where a figure comes from, in lines that every file of a report carries. */

import type { Provenance } from '../results/read.ts';

export interface Origin {
  /** The command that made the results. */
  readonly results: string;
  /** The commit of its code. */
  readonly commit: string;
  /** The command that made the report. */
  readonly report: string;
}

/** @param argv Of the report: what follows `cutlayer`. */
export function originOf({ argv, cutlayer, git }: Provenance, argvOfReport: readonly string[]): Origin {
  const state = git?.isDirty ? ' with changes that were not committed' : '';
  return {
    results: commandText(argv),
    commit: `${git ? `${git.commit}${state}` : 'none recorded'} (cutlayer ${cutlayer})`,
    report: commandText(argvOfReport),
  };
}

/** As it would be typed. */
function commandText(argv: readonly string[]): string {
  const words = argv.map((word) => (/^[\w./:=,@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return ['cutlayer', ...words].join(' ').replaceAll(/\s+/g, ' ');
}

export function originLines({ results, commit, report }: Origin): string[] {
  return [`Results: ${results}`, `Commit:  ${commit}`, `Report:  ${report}`];
}

/** In one line, for descriptions of pictures. */
export function originText({ results, commit, report }: Origin): string {
  return `Results by "${results}", commit ${commit}; drawn by "${report}".`;
}
