/** One run: train the victim, record what the attackers' views show, attack, score. */

import type { AuditConfig, RoundRecord, RunConfig, RunResult } from '../contracts/experiment.ts';
import type { RoundSummary } from '../training/train.ts';
import { attackRecords, makeFreeAttacks } from './attack-records.ts';
import { auditRun } from './audit/run-audit.ts';
import { ledgerOf } from './ledger.ts';
import { weightsAt } from './phases/victim.ts';
import type { Setup } from './setup.ts';
import { type RunOptions, trainedRun } from './trained-run.ts';

export type { RunOptions } from './trained-run.ts';

/** @throws ConfigError where data, model, defenses or attacks do not fit each other; Error where training diverges. */
export async function executeRun(config: RunConfig, options: RunOptions): Promise<RunResult> {
  const run = await trainedRun(config, options);
  const { setup, watch, victim, engine } = run;
  const attacks = await attackRecords(run);
  const audits = config.audit
    ? await watch.time('audit', () => auditRun(setup, weightsAt(victim, 'end').client, config.audit as AuditConfig))
    : [];
  const last = victim.rounds.at(-1);
  if (!last) throw new RangeError(`trainer.rounds must be at least 1, but is ${config.trainer.rounds}.`);
  return {
    config,
    engine,
    noiseSource: setup.defenses.length > 0 ? setup.noiseRng.source : 'none',
    cut: setup.cut,
    rounds: victim.rounds.map((summary, index) => roundRecord(setup, summary, victim.rounds[index - 1])),
    testAccuracy: last.testAccuracy,
    confusion: last.confusion,
    ...ledgerOf(setup, last),
    bytesUp: last.bytesUp,
    bytesDown: last.bytesDown,
    attacks,
    audits,
    dataFiles: setup.files,
    timings: watch.timings(),
  };
}

/** For a run that another process does: makes those of its attacks that nobody has in hand. */
export async function helpRun(config: RunConfig, options: RunOptions): Promise<void> {
  await makeFreeAttacks(await trainedRun(config, options));
}

function roundRecord(setup: Setup, summary: RoundSummary, previous: RoundSummary | undefined): RoundRecord {
  const { round, trainLoss, testLoss, testAccuracy } = summary;
  const { epsilonActivation, epsilonWeights } = ledgerOf(setup, summary);
  return {
    round,
    trainLoss,
    testLoss,
    testAccuracy,
    epsilonActivation,
    epsilonWeights,
    bytesUp: summary.bytesUp - (previous?.bytesUp ?? 0),
    bytesDown: summary.bytesDown - (previous?.bytesDown ?? 0),
  };
}
