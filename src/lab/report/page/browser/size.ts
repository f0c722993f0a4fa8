import type { Spec } from './tfjs-vis.ts';

/** Charts fill the width that they have; a phone’s are lower. */

export function chartSize(element: HTMLElement): { width: number; height: number; fontSize: number } {
  const width = Math.max(240, Math.min(element.clientWidth, 960));
  return { width, height: width < 500 ? 300 : 360, fontSize: 12 };
}

/** Room around the plot, without which the titles of axes are cut off; and the titles no bolder than the text. */
export function roomy(spec: Spec): Spec {
  const { config, ...rest } = spec as { readonly config: { readonly axis: Spec } };
  const axis = { ...config.axis, titleFontWeight: 'normal', gridColor: '#e6e6e6', labelOverlap: true, tickCount: 8 };
  return { ...rest, padding: { left: 2, top: 8, right: 12, bottom: 14 }, config: { ...config, axis } };
}
