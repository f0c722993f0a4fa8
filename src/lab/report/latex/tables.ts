/** table.tex: a booktabs table for each attack and family of metrics, to be \input into a paper. */

import type { MetricName } from '../../../contracts/experiment.ts';
import { groupBy } from '../../group-by.ts';
import { higherIsMoreLeakage } from '../../scoring.ts';
import type { AttackStudy, MetricStudy } from '../attack-study.ts';
import { bestOf, type Comparison, compareAccuracy, compareLeakage } from '../comparisons.ts';
import { type Estimate, estimateOf } from '../estimate.ts';
import { harm, type MetricFamily, metricFacts, metricTitle } from '../metrics.ts';
import { type Origin, originLines } from '../origin.ts';
import type { Configuration, Study } from '../study.ts';
import { captionOf } from './caption.ts';
import { epsilonColumns } from './epsilons.ts';
import { comment, latex } from './escape.ts';
import { estimateCell, fixed } from './number.ts';

/** What one table shows. */
export interface TableSubject {
  /** Undefined in a study without attacks: then the table is of accuracy and ε. */
  readonly attack?: AttackStudy;
  readonly family?: MetricFamily;
  readonly metrics: readonly MetricStudy[];
  readonly configurations: readonly Configuration[];
}

/** One column: its head, in two lines, and a cell for each configuration. */
export interface Column {
  readonly head: readonly [string, string];
  readonly cells: readonly string[];
  /** In the row of guessing. */
  readonly control?: string | undefined;
}

export function tablesTex(study: Study, origin: Origin): string {
  const tables = subjectsOf(study).map((subject) => tableOf(subject, study));
  const head = [
    ...originLines(origin),
    'Needs \\usepackage{booktabs}. Where a table is wider than the text, table* or \\scriptsize helps.',
  ];
  return `${[...comment(head), ...tables.flatMap((lines) => ['', ...lines])].join('\n')}\n`;
}

export function subjectsOf({ attacks, configurations }: Study): TableSubject[] {
  if (attacks.length === 0) return [{ metrics: [], configurations }];
  return attacks.flatMap((attack) =>
    [...groupBy(attack.metrics, ({ metric }) => metricFacts[metric].family)].map(([family, metrics]) => ({
      attack,
      family,
      metrics,
      configurations: (metrics[0] as MetricStudy).scores.map(({ configuration }) => configuration),
    })),
  );
}

function tableOf(subject: TableSubject, study: Study): string[] {
  const columns: readonly Column[] = [
    {
      head: ['', ''],
      cells: subject.configurations.map(({ label }) => labelCell(label)),
      control: 'guessing (control)',
    },
    accuracyColumn(subject, compareAccuracy(study)),
    ...subject.metrics.map((metric) => leakageColumn(subject, metric)),
    ...epsilonColumns(subject.configurations),
    seedsColumn(subject.configurations),
  ];
  return [
    '\\begin{table}',
    '  \\centering\\footnotesize\\setlength{\\tabcolsep}{3pt}',
    `  \\caption{${captionOf(subject)}}`,
    `  \\label{tab:${[subject.attack?.slug ?? 'accuracy', subject.family].filter(Boolean).join('-')}}`,
    ...tabular(columns, subject.metrics.length > 0),
    '\\end{table}',
  ];
}

function tabular(columns: readonly Column[], hasControl: boolean): string[] {
  const row = (cells: readonly string[]) => `    ${cells.join(' & ')} \\\\`;
  const count = columns[0]?.cells.length ?? 0;
  return [
    `  \\begin{tabular}{l${'r'.repeat(columns.length - 1)}}`,
    '    \\toprule',
    row(columns.map(({ head }) => head[0])),
    row(columns.map(({ head }) => head[1])),
    '    \\midrule',
    ...Array.from({ length: count }, (_, index) => row(columns.map(({ cells }) => cells[index] ?? ''))),
    ...(hasControl ? ['    \\midrule', row(columns.map(({ control = '' }) => control))] : []),
    '    \\bottomrule',
    '  \\end{tabular}',
  ];
}

/** What fits beside five columns of figures. */
const longestLine = 24;

/** A long one is broken into lines, the first of which stands beside the figures. */
function labelCell(label: string): string {
  if (label.length <= longestLine) return latex(label);
  return `\\parbox[t]{0.28\\linewidth}{\\raggedright\\hangafter=1\\hangindent=1em ${latex(label)}\\strut}`;
}

function accuracyColumn({ configurations }: TableSubject, comparisons: readonly Comparison[]): Column {
  const estimates = configurations.map(({ accuracy }) => estimateOf(accuracy));
  const best = bestOf(meansOf(configurations, estimates), comparisons);
  return {
    head: ['Accuracy', '(\\%) $\\uparrow$'],
    cells: estimates.map((estimate, index) =>
      estimate
        ? estimateCell(estimate, {
            digits: 1,
            scale: 100,
            isBold: best.has((configurations[index] as Configuration).id),
          })
        : '--',
    ),
  };
}

function leakageColumn({ attack }: TableSubject, { metric, scores }: MetricStudy): Column {
  const { digits } = metricFacts[metric];
  const estimates = scores.map(({ leakage }) => estimateOf(leakage));
  const judged = scores.flatMap(({ configuration, controlOk }, index) => {
    const estimate = estimates[index];
    return estimate && controlOk !== false ? [{ id: configuration.id, mean: -harm(metric, estimate.mean) }] : [];
  });
  const best = bestOf(judged, attack ? compareLeakage(attack, metric) : []);
  return {
    head: metricHead(metric),
    cells: scores.map(({ configuration, controlOk }, index) => {
      const estimate = estimates[index];
      if (!estimate) return '--';
      if (controlOk === false) return 'failed';
      return estimateCell(estimate, { digits, isBold: best.has(configuration.id) });
    }),
    control: controlCell(scores, digits),
  };
}

/** The last of several words, or the unit, stands in the second line, with an arrow to what is better. */
function metricHead(metric: MetricName): [string, string] {
  const [first = '', ...rest] = metricTitle(metric).split(' ');
  const arrow = `$\\${higherIsMoreLeakage[metric] ? 'down' : 'up'}arrow$`;
  return [latex(first), [...rest.map(latex), arrow].join(' ')];
}

/** One figure, or the range of what guessing scores beside each configuration. */
function controlCell(scores: MetricStudy['scores'], digits: number): string {
  const estimates = scores.map(({ control }) => estimateOf(control));
  const means = estimates.flatMap((estimate) => (estimate ? [estimate.mean] : []));
  const [low, high] = [fixed(Math.min(...means), digits), fixed(Math.max(...means), digits)];
  return low === high ? `$${low}$` : `$${low}$ to $${high}$`;
}

function meansOf(configurations: readonly Configuration[], estimates: readonly (Estimate | undefined)[]) {
  return configurations.flatMap(({ id }, index) => {
    const estimate = estimates[index];
    return estimate ? [{ id, mean: estimate.mean }] : [];
  });
}

/** `5`, or `4/5` where a seed is missing. */
function seedsColumn(configurations: readonly Configuration[]): Column {
  return {
    head: ['', 'Seeds'],
    cells: configurations.map(({ accuracy, runIds }) =>
      accuracy.size === runIds.size ? String(runIds.size) : `${accuracy.size}/${runIds.size}`,
    ),
  };
}
