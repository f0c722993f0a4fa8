/**
 * A legend drawn like a plot of its own. Vega's has one look for each mark; here a dominated point is hollow in the legend as
 * well, and lines stand beside points.
 */

import type { LayerSpec, UnitSpec } from './spec.ts';

export interface LegendEntry {
  readonly text: string;
  readonly color: string;
  readonly shape?: string;
  readonly isHollow?: boolean;
  readonly dash?: readonly number[];
  readonly strokeWidth?: number;
}

const rowHeight = 17;
const lineLength = 36;

export function legendOf(entries: readonly LegendEntry[]): LayerSpec {
  return {
    width: lineLength,
    height: entries.length * rowHeight,
    view: { stroke: null },
    layer: entries.flatMap((entry, index) => entryMarks(entry, (index + 0.5) * rowHeight)),
  };
}

function entryMarks({ text, color, shape, isHollow, dash, strokeWidth = 1.5 }: LegendEntry, y: number): UnitSpec[] {
  const at = (mark: object, encoding: UnitSpec['encoding'] = {}): UnitSpec => ({
    data: { values: [{}] },
    mark: mark as UnitSpec['mark'],
    encoding: { ...encoding, y: { value: y } },
  });
  const line = { type: 'rule', stroke: color, strokeWidth, strokeDash: dash };
  const label = { type: 'text', text, align: 'left', baseline: 'middle', fontSize: 11 };
  return [
    ...(dash ? [at(line, { x: { value: 0 }, x2: { value: lineLength } })] : []),
    ...(shape ? [at(pointMark({ shape, color, isHollow }), { x: { value: lineLength / 2 } })] : []),
    at(label, { x: { value: lineLength + 8 } }),
  ];
}

export interface PointLook {
  readonly shape: string;
  readonly color: string;
  readonly isHollow?: boolean | undefined;
}

export function pointMark({ shape, color, isHollow = false }: PointLook) {
  const fill = isHollow ? 'white' : color;
  return { type: 'point', shape, size: 70, fill, stroke: color, strokeWidth: 1.5, opacity: 1 } as const;
}
