/** ε over the steps of a training, as CSV or SVG. */

import { writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { EpsilonBounds } from '../contracts/event.ts';
import { askEpsilon } from './account-request.ts';
import { shown } from './account-text.ts';
import { UsageError } from './usage-error.ts';

interface Point extends EpsilonBounds {
  readonly steps: number;
}

const POINTS = 24;
const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [640, 400, 70, 50, 20] as const;

/** Steps 1 … all, spread evenly, each once. */
function stepsUpTo(steps: number): number[] {
  const spread = Array.from({ length: POINTS }, (_, i) => Math.max(1, Math.round(((i + 1) * steps) / POINTS)));
  return [...new Set([1, ...spread])].filter((count) => count <= steps);
}

export function curveOf(request: Parameters<typeof askEpsilon>[0]): Point[] {
  return stepsUpTo(request.steps).map((steps) => ({ steps, ...askEpsilon({ ...request, steps }).epsilon }));
}

export function curveCsv(points: readonly Point[]): string {
  const rows = points.map(({ steps, lower, estimate, upper }) => ({ steps, lower, estimate, upper }));
  return stringify(rows, { header: true, columns: ['steps', 'lower', 'estimate', 'upper'] });
}

/** Finite values only: an infinite ε has no place in a picture. */
export function curveSvg(points: readonly Point[], title: string): string {
  const drawn = points
    .map(({ steps, upper, estimate }) => ({ steps, epsilon: upper ?? estimate ?? Number.POSITIVE_INFINITY }))
    .filter(({ epsilon }) => Number.isFinite(epsilon));
  const [mostSteps, most] = [
    Math.max(1, ...drawn.map((p) => p.steps)),
    Math.max(1e-12, ...drawn.map((p) => p.epsilon)),
  ];
  const x = (steps: number) => (LEFT + (steps / mostSteps) * (WIDTH - LEFT - 20)).toFixed(1);
  const y = (epsilon: number) => (HEIGHT - BOTTOM - (epsilon / most) * (HEIGHT - BOTTOM - TOP - 20)).toFixed(1);
  const line = drawn.map(({ steps, epsilon }) => `${x(steps)},${y(epsilon)}`).join(' ');
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (part) =>
      `<line x1="${LEFT}" x2="${WIDTH - 20}" y1="${y(part * most)}" y2="${y(part * most)}" stroke="#ddd"/>` +
      `<text x="${LEFT - 8}" y="${y(part * most)}" text-anchor="end" dy="4">${shown(Number((part * most).toPrecision(3)))}</text>` +
      `<text x="${x(part * mostSteps)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${Math.round(part * mostSteps)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/><text x="${LEFT}" y="${TOP}">${title}</text>`,
    ...ticks,
    `<polyline points="${line}" fill="none" stroke="#1f6fb4" stroke-width="2"/>`,
    `<text x="${WIDTH / 2}" y="${HEIGHT - 10}" text-anchor="middle">steps</text>`,
    `</svg>\n`,
  ].join('\n');
}

/** Writes the curve in the format of the file's name. Throws a UsageError for another. */
export function writeCurve(file: string, request: Parameters<typeof askEpsilon>[0]): void {
  const format = extname(file).toLowerCase();
  if (format !== '.csv' && format !== '.svg') {
    throw new UsageError(`curve must be a file that ends in .csv or .svg, but is "${file}".`);
  }
  const { samplingRate, noiseMultiplier, delta } = request;
  const title = `ε at δ = ${delta}, sampling rate ${samplingRate}, noise multiplier ${noiseMultiplier}`;
  const points = curveOf(request);
  writeFileSync(file, format === '.csv' ? curveCsv(points) : curveSvg(points, title));
}
