/** The marks of legends, as the charts draw them. */

import { html, type Markup, type Part } from './markup.ts';
import type { Look } from './page-data.ts';

/** Corners, in a square from −1 to 1. */
const corners: Readonly<Record<string, readonly (readonly [x: number, y: number])[]>> = {
  square: [
    [-0.85, -0.85],
    [0.85, -0.85],
    [0.85, 0.85],
    [-0.85, 0.85],
  ],
  diamond: [
    [0, -1.1],
    [0.9, 0],
    [0, 1.1],
    [-0.9, 0],
  ],
  cross: [
    [-0.35, -1],
    [0.35, -1],
    [0.35, -0.35],
    [1, -0.35],
    [1, 0.35],
    [0.35, 0.35],
    [0.35, 1],
    [-0.35, 1],
    [-0.35, 0.35],
    [-1, 0.35],
    [-1, -0.35],
    [-0.35, -0.35],
  ],
  'triangle-up': [
    [0, -0.95],
    [1, 0.85],
    [-1, 0.85],
  ],
  'triangle-down': [
    [0, 0.95],
    [1, -0.85],
    [-1, -0.85],
  ],
  'triangle-right': [
    [0.95, 0],
    [-0.85, 1],
    [-0.85, -1],
  ],
  'triangle-left': [
    [-0.95, 0],
    [0.85, 1],
    [0.85, -1],
  ],
};

export function pointSymbol({ color, shape }: Look, isHollow = false): Markup {
  return svg(18, mark({ color, shape, fill: isHollow ? 'white' : color }, 9));
}

export function lineSymbol({ color, shape, dash }: Look): Markup {
  return svg(40, [ruled(color, dash, 40), mark({ color, shape, fill: color }, 20)]);
}

export function ruleSymbol(color: string, dash: readonly number[]): Markup {
  return svg(40, ruled(color, dash, 40));
}

function svg(width: number, content: Part): Markup {
  return html`<svg width="${width}" height="18" viewBox="0 0 ${width} 18" aria-hidden="true">${content}</svg>`;
}

function ruled(color: string, dash: readonly number[], width: number): Markup {
  return html`<line x1="0" y1="9" x2="${width}" y2="9" stroke="${color}" stroke-width="2" stroke-dasharray="${dash.join(' ')}"/>`;
}

const radius = 5;

function mark({ color, shape, fill }: { color: string; shape: string; fill: string }, x: number): Markup {
  const points = corners[shape]?.map(([dx, dy]) => `${x + radius * dx},${9 + radius * dy}`).join(' ');
  const looks = html`fill="${fill}" stroke="${color}" stroke-width="1.5"`;
  return points === undefined
    ? html`<circle cx="${x}" cy="9" r="${radius}" ${looks}/>`
    : html`<polygon points="${points}" ${looks}/>`;
}
