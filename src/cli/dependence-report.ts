/** How far smashed data depend on the input: a figure of what is sent, whatever an attack makes of it. */

import type { Row } from '../lab/results/run-rows.ts';
import { table } from './table.ts';

export const dependenceMetric = 'distance_correlation';

/** All seeds of one configuration, with its rows of runs.csv. */
export interface DependenceGroup {
  readonly label: string;
  readonly rows: readonly Row[];
}

/**
 * One table for each view, however many attacks were given it. They have a column each only where they looked at different
 * victims and so have different figures.
 */
export function dependenceLines(groups: readonly DependenceGroup[]): string[] {
  const rows = groups.flatMap((group) => ofDependence(group.rows));
  const views = [...new Set(rows.map(({ view }) => String(view)))];
  return views.flatMap((view) => ['', ...viewLines(groups, view)]);
}

function ofDependence(rows: readonly Row[]): Row[] {
  return rows.filter(({ metric }) => metric === dependenceMetric);
}

function viewLines(groups: readonly DependenceGroup[], view: string): string[] {
  const own = groups.map(({ label, rows }) => ({
    label,
    rows: ofDependence(rows).filter((row) => row['view'] === view),
  }));
  const attacks = [...new Set(own.flatMap(({ rows }) => rows.map(attackOf)))];
  const columns = attacks.map((attack) => ({
    attack,
    cells: own.map(({ rows }) => cell(rows.filter((row) => attackOf(row) === attack))),
  }));
  const distinct = columns.filter(
    ({ cells }, index) => columns.findIndex((other) => same(other.cells, cells)) === index,
  );
  const heads = distinct.map(({ attack }) => (distinct.length > 1 ? `victims of ${attack}` : ''));
  const lines = own.map(({ label }, index) => [label, ...distinct.map(({ cells }) => cells[index] ?? '')]);
  return [
    `Dependence of smashed data and input (view ${view}): bias-corrected distance correlation, 0 where independent`,
    ...table(
      distinct.length > 1 ? [['', ...heads], ...lines] : lines,
      heads.map((_, index) => index + 1),
    ),
  ];
}

function attackOf({ attack, attack_options }: Row): string {
  return `${attack} ${attack_options}`;
}

function cell(rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  return (rows.reduce((sum, row) => sum + Number(row['leakage']), 0) / rows.length).toFixed(2);
}

const same = (a: readonly string[], b: readonly string[]) => a.every((text, index) => text === b[index]);
