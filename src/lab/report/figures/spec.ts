/** Pictures from Vega-Lite, drawn without canvas or DOM. */

import type { TopLevelSpec } from 'vega-lite';
import type { LayerSpec as VegaLayerSpec, UnitSpec as VegaUnitSpec } from 'vega-lite/types_unstable/spec/index.js';
import { type Origin, originText } from '../origin.ts';
import { textWidth } from './text-width.ts';

export type UnitSpec = VegaUnitSpec<string>;
export type LayerSpec = VegaLayerSpec<string>;

/** What a picture says about itself. */
export interface Described {
  readonly title: string;
  readonly description: string;
  readonly origin: Origin;
}

const config = {
  font: 'Helvetica, Arial, sans-serif',
  background: 'white',
  axis: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal', gridColor: '#e6e6e6', labelFlush: false },
  title: { fontSize: 13, fontWeight: 'normal', anchor: 'start', offset: 10 },
  view: { stroke: '#888888' },
} as const;

/** The same specification gives the same bytes. Vega takes a while to load: only what draws imports it. */
export async function svgOf(spec: object, described: Described): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  // Vega's own estimate is half as much again, and leaves as much paper empty. Its types leave this object out.
  (vega as unknown as { readonly textMetrics: { width: typeof textWidthOf } }).textMetrics.width = textWidthOf;
  vega.resetSVGDefIds(); // counted on from one picture to the next otherwise
  const compiled = vegaLite.compile({ ...spec, config, padding: 8 } as TopLevelSpec).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return describedSvg(svg, described);
}

/** As vega asks for it: an item of its scene, and a text that is to take the place of the item's. */
function textWidthOf(item: { readonly fontSize?: number; readonly text?: unknown }, text?: unknown): number {
  return textWidth(String(text ?? item.text ?? ''), item.fontSize ?? 11);
}

/** With title and description as children, where viewers and readers for the blind look for them. */
function describedSvg(svg: string, { title, description, origin }: Described): string {
  const text = `<title>${xml(title)}</title><desc>${xml(`${description} ${originText(origin)}`)}</desc>`;
  return `${svg.replace(/^(<svg[^>]*>)/, `$1${text.replaceAll('$', '$$$$')}`)}\n`;
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
