/** epsilon.svg: ε over rounds, a plot for each channel. */

import type { Origin } from '../origin.ts';
import { epsilonByRound, type RoundChannel, roundChannels } from '../rounds.ts';
import type { Study } from '../study.ts';
import { legendOf } from './legend.ts';
import { isWide, lineLegend, linesOf, type Series } from './lines.ts';
import { marksOf } from './marks.ts';
import { svgOf } from './spec.ts';

/** Undefined where no configuration has a finite ε. */
export async function epsilonSvg(study: Study, origin: Origin): Promise<string | undefined> {
  const channels = epsilonSeries(study);
  if (channels.length === 0) return undefined;
  const plots = channels.map(({ channel, series }) =>
    linesOf(series, { title: `ε of the ${channel} channel`, isLogarithmic: isWide(series) }),
  );
  const drawn = new Set(channels.flatMap(({ series }) => series.map(({ label }) => label)));
  const all = seriesOf(study, 'activation').filter(({ label }) => drawn.has(label));
  return svgOf(
    { hconcat: [{ vconcat: plots }, legendOf(lineLegend(all))], spacing: 24 },
    {
      title: 'ε over rounds',
      description: `Of the training up to each round at δ = ${deltas(study)}, the largest over seeds. Lines of channels without a proof, whose ε is infinite, are not drawn.`,
      origin,
    },
  );
}

/** The channels that have a finite ε, with the configurations that do. */
export function epsilonSeries(study: Study): { readonly channel: RoundChannel; readonly series: readonly Series[] }[] {
  return (Object.keys(roundChannels) as RoundChannel[])
    .map((channel) => ({ channel, series: seriesOf(study, channel).filter(({ points }) => points.length > 0) }))
    .filter(({ series }) => series.length > 0);
}

function seriesOf({ configurations }: Study, channel: RoundChannel): Series[] {
  return configurations.map((configuration, index) => ({
    label: configuration.label,
    marks: marksOf(index),
    points: epsilonByRound(configuration, channel),
  }));
}

function deltas({ configurations }: Study): string {
  return [...new Set(configurations.map(({ config }) => config.ledger.delta))].join(', ');
}
