/** `cutlayer audit scores FILE`: from a user's own scores of canaries to lower bounds of ε. */

import type { Argv } from 'yargs';
import {
  type AuditEstimate,
  type AuditResult,
  type AuditScores,
  auditOneRunScores,
  auditSampledGaussianScores,
  auditScores,
  bayesianEpsilon,
  type CanaryScores,
  checkClaim,
  fairCoinPValue,
  type GuessPlan,
  heldOutCounts,
  ratioEstimates,
} from '../accounting/index.ts';
import { counted } from '../arrays/counted.ts';
import { seededRng } from '../arrays/rng.ts';
import { asUsageError, numberList } from './as-usage-error.ts';
import { type FamilyArguments, familyOf, withFamilyOptions } from './audit-family.ts';
import {
  auditSentence,
  claimSentence,
  estimateLines,
  type LevelArguments,
  refuteIfContradicted,
  withLevelOptions,
} from './audit-level.ts';
import { parseScores, textOfFile, textOfStream } from './audit-scores-file.ts';
import { wholeNumber } from './global-options.ts';
import { oneOf } from './one-of.ts';
import { print } from './output.ts';
import { UsageError } from './usage-error.ts';

const DESIGNS = {
  trials: 'each line is a training of its own',
  'one-run': 'all canaries were in one training, each in or out by its own fair coin',
} as const;
type Design = keyof typeof DESIGNS;

const FAIR_COINS = 'each canary was in or out by its own fair coin';
const INDEPENDENT_SCORES = 'the scores of different canaries are independent';

interface ScoresArguments extends LevelArguments, FamilyArguments {
  readonly file: string;
  readonly design: string;
  readonly inScores: string;
  readonly thresholds?: string | undefined;
  readonly guessesIn?: number | undefined;
  readonly guessesOut?: number | undefined;
  readonly seed: number;
}

export function scoresCommand(yargs: Argv): Argv {
  return yargs.command(
    'scores <file>',
    'from your own scores: a CSV with the columns score,present, or - for stdin',
    (inner) => scoresOptions(inner.positional('file', { type: 'string', demandOption: true, describe: 'CSV, or -' })),
    (given) => answer(given as unknown as ScoresArguments),
  );
}

function scoresOptions<T>(yargs: Argv<T>) {
  const designs = Object.entries(DESIGNS).map(([name, meaning]) => `${name}: ${meaning}`);
  return withFamilyOptions(withLevelOptions(yargs))
    .option('design', { type: 'string', default: 'trials', describe: designs.join('; ') })
    .option('in-scores', {
      type: 'string',
      default: 'high',
      describe: 'one-run bounds: which scores say «in», high or low',
    })
    .option('thresholds', {
      type: 'string',
      describe: 'counts: fixed before the scores were seen, like 0,1.5 (Bonferroni)',
    })
    .option('guesses-in', { type: 'number', describe: 'one-run: how many to guess «in», fixed in advance' })
    .option('guesses-out', { type: 'number', describe: 'one-run: how many to guess «out», fixed in advance' })
    .option('seed', { type: 'number', default: 1, describe: 'of the order in which lines are taken' });
}

async function answer(given: ScoresArguments): Promise<void> {
  const design = oneOf('--design', given.design, Object.keys(DESIGNS) as Design[]);
  const canaries = await canariesOf(given);
  const bounds = asUsageError(() => boundsOf(design, canaries, given), given);
  const [held] = bounds as [AuditResult];
  const { claimed } = given;
  const check = claimed === undefined ? null : checkClaim(claimed, held);
  const present = Array.from(canaries.included).filter(Boolean).length;
  const absent = canaries.scores.length - present;
  const estimates = estimatesOf(canaries, given);
  print(given.json, { ...held, design, present, absent, bounds, estimates, claim: check }, [
    `${counted(present, 'score')} with the canary, ${absent} without. Design ${design}: ${DESIGNS[design]}.`,
    ...bounds.map(auditSentence),
    'Each bound holds by itself at this confidence, the largest of several does not: choose before looking.',
    ...estimateLines(estimates),
    ...(check ? [claimSentence(check)] : []),
  ]);
  if (check) refuteIfContradicted(check);
}

/** In an order that tells nothing: a file may well list those that were in first, or be sorted by score. */
async function canariesOf({ file, seed }: ScoresArguments): Promise<CanaryScores> {
  const isStdin = file === '' && process.argv.includes('-'); // yargs hands a lone dash on as nothing
  const { name, text } = isStdin ? await textOfStream(process.stdin) : textOfFile(file);
  const rows = parseScores(name, text);
  const order = Array.from(seededRng(seed).fork('audit order').permutation(rows.length));
  return {
    scores: Float64Array.from(order, (row) => rows[row]?.score ?? Number.NaN),
    included: order.map((row) => rows[row]?.isPresent === true),
  };
}

/** The first is the one that the design alone supports; it is held against a claim. */
function boundsOf(design: Design, canaries: CanaryScores, given: ScoresArguments): AuditResult[] {
  const hasFairCoins = fairCoinPValue(canaries.included) > IMPLAUSIBLE;
  if (design === 'one-run' && !hasFairCoins) throw unfair(canaries);
  const counts = countBounds(canaries, given);
  const oneRun = hasFairCoins ? oneRunBounds(canaries, given) : [];
  return design === 'trials'
    ? [...counts, ...oneRun.map((bound) => conditional(bound, FAIR_COINS))]
    : [...oneRun, ...counts.map((bound) => conditional(bound, INDEPENDENT_SCORES))];
}

/** Fair coins do this to one design in a million. */
const IMPLAUSIBLE = 1e-6;

function unfair({ included }: CanaryScores): UsageError {
  const present = Array.from(included).filter(Boolean).length;
  return new UsageError(
    `--design one-run needs canaries that were each in by a fair coin, but ${present} of ${included.length} were in, ` +
      'as fair coins almost never fall. Use --design trials where each line is a training of its own.',
  );
}

function conditional(bound: AuditResult, needs: string): AuditResult {
  return { ...bound, assumption: bound.assumption === null ? needs : `${needs}, and ${bound.assumption}` };
}

function worldsOf({ scores, included }: CanaryScores): AuditScores {
  const of = (isIn: boolean) => Array.from(scores).filter((_, i) => included[i] === isIn);
  return { present: of(true), absent: of(false) };
}

/** From the half of the scores that proves. */
function estimatesOf(canaries: CanaryScores, { delta, confidence }: ScoresArguments): AuditEstimate[] {
  const level = { delta, confidence };
  const counts = heldOutCounts(worldsOf(canaries), level);
  return [bayesianEpsilon(counts, level), ...ratioEstimates(counts, level)];
}

/** For any mechanism, and (δ > 0) for a Gaussian one. */
function countBounds(canaries: CanaryScores, given: ScoresArguments): AuditResult[] {
  const { thresholds, delta, confidence } = given;
  const worlds = worldsOf(canaries);
  const family = familyOf(given);
  const fixed = thresholds === undefined ? {} : { thresholds: numberList('--thresholds', thresholds) };
  const level = { delta, confidence, ...fixed };
  return [
    auditScores(worlds, level),
    ...(delta > 0 ? [auditScores(worlds, { ...level, family: 'gaussian' })] : []),
    ...(family ? [auditSampledGaussianScores(worlds, family, level)] : []),
  ];
}

function oneRunBounds({ scores, included }: CanaryScores, given: ScoresArguments): AuditResult[] {
  const { delta, confidence } = given;
  const sign = oneOf('--in-scores', given.inScores, ['high', 'low']) === 'high' ? 1 : -1;
  const directed = { scores: Array.from(scores, (score) => sign * score), included };
  const level = { delta, confidence, plan: planOf(given) };
  return [
    auditOneRunScores(directed, level),
    ...(delta > 0 ? [auditOneRunScores(directed, { ...level, family: 'gaussian' })] : []),
  ];
}

function planOf({ guessesIn, guessesOut }: ScoresArguments): GuessPlan | undefined {
  if (guessesIn === undefined && guessesOut === undefined) return undefined;
  return {
    positives: wholeNumber('--guesses-in', guessesIn ?? 0, 0),
    negatives: wholeNumber('--guesses-out', guessesOut ?? 0, 0),
  };
}
