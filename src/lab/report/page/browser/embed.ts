/** Where tfjs-vis hands its specification to vega-embed: it is extended, and drawn as SVG, sharp at any zoom. */

import vegaEmbed, { type View } from 'vega-embed';
import { roomy } from './size.ts';
import type { Spec } from './tfjs-vis.ts';

/** Gives a chart's specification what tfjs-vis does not know. */
export type Extend = (spec: Spec) => Spec;

const extensions = new WeakMap<HTMLElement, Extend>();
const views = new WeakMap<HTMLElement, View>();

/** For what tfjs-vis will draw into the element. */
export function extendChart(element: HTMLElement, extend: Extend): void {
  extensions.set(element, extend);
}

/** Takes vega-embed's place in tfjs-vis. */
export async function embedChart(element: HTMLElement, spec: Spec, options: object): Promise<void> {
  views.get(element)?.finalize();
  const extended = roomy(extensions.get(element)?.(spec) ?? spec);
  const { view } = await vegaEmbed(element, extended, { ...options, renderer: 'svg' });
  views.set(element, view);
}
