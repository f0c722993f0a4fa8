/** The figures as tables for pgfplots: columns with spaces between, texts in braces, `nan` for what there is none of. */

import { comment, latex } from '../latex/escape.ts';
import { type Origin, originLines } from '../origin.ts';
import { accuracyByRound, epsilonByRound, type RoundChannel, type RoundFigure, roundChannels } from '../rounds.ts';
import type { Study } from '../study.ts';
import { frontOf, type TradeOff } from '../trade-off.ts';

/** Accuracy in percent; halves are of 95 % t intervals. */
export function tradeOffData({ points }: TradeOff, origin: Origin): string {
  const rows = points.map(({ configuration, accuracy, leakage, isDominated }) => [
    figure(leakage.mean),
    figure(leakage.half),
    figure(100 * accuracy.mean),
    figure(accuracy.half === undefined ? undefined : 100 * accuracy.half),
    isDominated ? '1' : '0',
    `{${latex(configuration.label)}}`,
  ]);
  return dataText(['leakage', 'leakage_half', 'accuracy', 'accuracy_half', 'dominated', 'label'], rows, { origin });
}

/** The points that none beats, from the least leakage to the most: for `const plot`. */
export function frontData(tradeOff: TradeOff, origin: Origin): string {
  const rows = frontOf(tradeOff).map(({ accuracy, leakage }) => [figure(leakage.mean), figure(100 * accuracy.mean)]);
  return dataText(['leakage', 'accuracy'], rows, { origin });
}

/** A row for each round; `c1`, `c2`, … are the configurations, in percent. */
export function roundsData({ configurations }: Study, origin: Origin): string {
  const series = configurations.map(accuracyByRound);
  const columns = series.flatMap((_, index) => [`c${index + 1}`, `c${index + 1}_half`]);
  const rows = roundsIn(series).map((round) => [
    String(round),
    ...series.flatMap((points) => {
      const own = points.find((point) => point.round === round)?.figure;
      return [figure(own?.mean), figure(own?.half)];
    }),
  ]);
  return dataText(['round', ...columns], rows, { origin, notes: configurationNotes(configurations) });
}

/** A row for each round; `c1_activation`, `c1_weights`, … are the channels of the configurations, `nan` where ε is infinite. */
export function epsilonData({ configurations }: Study, origin: Origin): string {
  const series = configurations.flatMap((configuration, index) =>
    (Object.keys(roundChannels) as RoundChannel[]).map((channel) => ({
      column: `c${index + 1}_${channel}`,
      points: epsilonByRound(configuration, channel),
    })),
  );
  const proven = series.filter(({ points }) => points.length > 0);
  const rows = roundsIn(proven.map(({ points }) => points)).map((round) => [
    String(round),
    ...proven.map(({ points }) => figure(points.find((point) => point.round === round)?.figure.mean)),
  ]);
  const notes = configurationNotes(configurations);
  return dataText(['round', ...proven.map(({ column }) => column)], rows, { origin, notes });
}

function configurationNotes(configurations: Study['configurations']): string[] {
  return configurations.map(({ label }, index) => `c${index + 1}: ${label}`);
}

function roundsIn(series: readonly (readonly RoundFigure[])[]): number[] {
  return [...new Set(series.flatMap((points) => points.map(({ round }) => round)))].sort((a, b) => a - b);
}

function figure(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? 'nan' : String(value);
}

interface Notes {
  readonly origin: Origin;
  readonly notes?: readonly string[];
}

function dataText(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  { origin, notes = [] }: Notes,
): string {
  const lines = [
    ...comment([...originLines(origin), ...notes]),
    columns.join(' '),
    ...rows.map((row) => row.join(' ')),
  ];
  return `${lines.join('\n')}\n`;
}
