/** `cutlayer audit counts | one-run | scores | mechanism | training`: lower bounds of ε, which can refute a claim and never prove one. */

import { countsCommand, oneRunCommand } from './audit-counts.ts';
import { mechanismCommand } from './audit-mechanism.ts';
import { scoresCommand } from './audit-scores.ts';
import { trainingCommand } from './audit-training.ts';
import type { CommandBody } from './commands.ts';

export const auditCommand: CommandBody = {
  builder: (yargs) =>
    trainingCommand(mechanismCommand(scoresCommand(oneRunCommand(countsCommand(yargs)))))
      .demandCommand(1, 'audit needs one of: counts, one-run, scores, mechanism, training.')
      .strict(),
  handler: () => {},
};
