/** `cutlayer audit counts` and `audit one-run`: from an attacker's counts to a lower bound of ε. */

import type { Argv } from 'yargs';
import {
  type AuditEstimate,
  type AuditResult,
  auditCounts,
  auditGaussianCounts,
  auditOneRun,
  auditOneRunFDp,
  auditSampledGaussian,
  bayesianEpsilon,
  checkClaim,
  ratioEstimates,
} from '../accounting/index.ts';
import { asUsageError } from './as-usage-error.ts';
import { type FamilyArguments, familyOf, withFamilyOptions } from './audit-family.ts';
import {
  auditSentence,
  claimSentence,
  estimateLines,
  type LevelArguments,
  refuteIfContradicted,
  withLevelOptions,
} from './audit-level.ts';
import { print } from './output.ts';

interface CountsArguments extends LevelArguments, FamilyArguments {
  readonly truePositives: number;
  readonly positives: number;
  readonly falsePositives: number;
  readonly negatives: number;
  readonly groupSize: number;
}

export function countsCommand(yargs: Argv): Argv {
  return yargs.command(
    'counts',
    'from how often «in» was guessed, with and without the record',
    (inner) =>
      withFamilyOptions(withLevelOptions(inner))
        .option('true-positives', { type: 'number', demandOption: true, describe: '«in» guessed with the record' })
        .option('positives', { type: 'number', demandOption: true, describe: 'trials with the record' })
        .option('false-positives', { type: 'number', demandOption: true, describe: '«in» guessed without it' })
        .option('negatives', { type: 'number', demandOption: true, describe: 'trials without the record' })
        .option('group-size', { type: 'number', default: 1, describe: 'records in which the two worlds differ' }),
    (given) => answerCounts(given as unknown as CountsArguments),
  );
}

function answerCounts(given: CountsArguments): void {
  const { delta, confidence, groupSize } = given;
  const result = asUsageError(() => auditCounts(given, { delta, confidence, groupSize }), given);
  const isGaussian = groupSize === 1 && delta > 0;
  const conditional = isGaussian ? auditGaussianCounts(given, { delta, confidence }) : null;
  const level = { delta, confidence };
  const family = familyOf(given);
  const sampled = family ? asUsageError(() => auditSampledGaussian(given, family, level), given) : null;
  const estimates = groupSize === 1 ? [bayesianEpsilon(given, level), ...ratioEstimates(given, level)] : [];
  report(given, { result, conditional, sampled, estimates });
}

interface OneRunArguments extends LevelArguments {
  readonly canaries: number;
  readonly guesses: number;
  readonly correct: number;
}

export function oneRunCommand(yargs: Argv): Argv {
  return yargs.command(
    'one-run',
    'from right guesses about many canaries in one training',
    (inner) =>
      withLevelOptions(inner)
        .option('canaries', { type: 'number', demandOption: true, describe: 'canaries, each in by a fair coin' })
        .option('guesses', { type: 'number', demandOption: true, describe: 'guesses made, a number fixed in advance' })
        .option('correct', { type: 'number', demandOption: true, describe: 'of these right' }),
    (given) => answerOneRun(given as unknown as OneRunArguments),
  );
}

function answerOneRun(given: OneRunArguments): void {
  const { delta, confidence } = given;
  const result = asUsageError(() => auditOneRun(given, { delta, confidence }), given);
  const conditional = delta > 0 ? auditOneRunFDp(given, { delta, confidence }) : null;
  report(given, { result, conditional, sampled: null, estimates: [] });
}

interface Found {
  readonly result: AuditResult;
  readonly conditional: AuditResult | null;
  readonly sampled: AuditResult | null;
  readonly estimates: readonly AuditEstimate[];
}

/** Prints the bound, and beside it what is conditional or no proof; a claim is held against the unconditional bound only. */
function report({ claimed, json }: LevelArguments, { result, conditional, sampled, estimates }: Found): void {
  const check = claimed === undefined ? null : checkClaim(claimed, result);
  const lines = [
    auditSentence(result),
    ...[conditional, sampled].flatMap((bound) => (bound ? [auditSentence(bound)] : [])),
    ...estimateLines(estimates),
    ...(check ? [claimSentence(check)] : []),
  ];
  print(json, { ...result, conditional, sampled, estimates, claim: check }, lines);
  if (check) refuteIfContradicted(check);
}
