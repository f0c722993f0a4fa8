/** How the objectives of attacks went, step by step. */

import { median } from '../../../arrays/median.ts';
import { groupBy } from '../../group-by.ts';
import type { ProgressPoint } from '../../results/read.ts';
import { type AttackStudy, attackIndex } from '../attack-study.ts';
import { domainOf, logDomainOf, logTicks } from '../figures/domain.ts';
import type { Configuration, Study } from '../study.ts';
import type { LineChart, LinePoint } from './page-data.ts';

/** One for each attack that tells. Medians: objectives of different victims lie far apart. */
export function progressCharts({ attacks, configurations, progress = [] }: Study): LineChart[] {
  const byRun = groupBy(progress, ({ runId }) => runId);
  return attacks.flatMap((attack) => {
    const all = configurations.map((own, configuration) => ({ configuration, points: pointsOf(own, attack, byRun) }));
    const series = all.filter(({ points }) => points.length > 0);
    return series.length > 0 ? [chartOf(attack, series)] : [];
  });
}

function chartOf({ label, slug }: AttackStudy, series: LineChart['series']): LineChart {
  const values = series.flatMap(({ points }) => points.map(({ mean }) => mean));
  const isLogarithmic = Math.min(...values) > 0;
  const domain = isLogarithmic ? logDomainOf(values) : domainOf(values);
  return {
    id: `progress-${slug}`,
    xTitle: 'Step',
    title: `Objective of ${label}`,
    yTitle: 'Objective',
    domain,
    ...(isLogarithmic && { logTicks: logTicks(domain) }),
    series,
  };
}

function pointsOf(
  { config, runIds }: Configuration,
  attack: AttackStudy,
  byRun: ReadonlyMap<string, readonly ProgressPoint[]>,
): LinePoint[] {
  const number = attackIndex(config, attack) + 1;
  const own = [...runIds.keys()].flatMap((runId) => byRun.get(runId) ?? []);
  const ofAttack = own.filter(({ attackNumber }) => attackNumber === number);
  const searches = groupBy(ofAttack, ({ runId, observation }) => `${runId}/${observation}`);
  const steps = [...new Set(ofAttack.map(({ step }) => step))].sort((a, b) => a - b);
  return evenly(steps).map((step) => ({
    round: step,
    mean: median([...searches.values()].flatMap((search) => reachedBy(search, step))),
  }));
}

/** What a search that has ended reached counts to the end, so that no median is of the slow ones alone. */
function reachedBy(search: readonly ProgressPoint[], step: number): number[] {
  const reached = search.findLast((point) => point.step <= step);
  return reached ? [reached.objective] : [];
}

const mostSteps = 60;

function evenly(steps: readonly number[]): number[] {
  const stride = Math.ceil(steps.length / mostSteps);
  return steps.filter((_, index) => (steps.length - 1 - index) % stride === 0);
}
