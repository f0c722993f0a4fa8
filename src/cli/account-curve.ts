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

/** Steps 1 … all, each once; denser at the start, where ε rises like the root of the steps. */
function stepsUpTo(steps: number): number[] {
  const spread = Array.from({ length: POINTS }, (_, i) => Math.max(1, Math.round(steps * ((i + 1) / POINTS) ** 2)));
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
  const ticks = [
    ...ticksUpTo(most).map(
      (epsilon) =>
        `<line x1="${LEFT}" x2="${WIDTH - 20}" y1="${y(epsilon)}" y2="${y(epsilon)}" stroke="#ddd"/>` +
        `<text x="${LEFT - 8}" y="${y(epsilon)}" text-anchor="end" dy="4">${shown(epsilon)}</text>`,
    ),
    ...ticksUpTo(mostSteps)
      .filter(Number.isInteger)
      .map((steps) => `<text x="${x(steps)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${steps}</text>`),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/><text x="${LEFT}" y="${TOP}">${title}</text>`,
    ...ticks,
    `<polyline points="${line}" fill="none" stroke="#1f6fb4" stroke-width="2"/>`,
    `<text x="${WIDTH / 2}" y="${HEIGHT - 10}" text-anchor="middle">steps</text>`,
    `<text transform="translate(14 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">ε, upper bound</text>`,
    `</svg>\n`,
  ].join('\n');
}

/** 0 and multiples of 1, 2 or 5 times a power of ten: four to ten of them. */
function ticksUpTo(most: number): number[] {
  const power = 10 ** Math.floor(Math.log10(most / 4));
  const step = [5, 2, 1].map((factor) => factor * power).find((candidate) => most / candidate >= 4) ?? power;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
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
