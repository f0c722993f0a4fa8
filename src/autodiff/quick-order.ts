import type { Layer } from '../contracts/model.ts';

/**
 * The layers with each maximum before the rectifier that it follows, which then works on fewer numbers: a quarter after 2×2
 * pooling. Values are the same, since the largest of several max(x, 0) is the max(x, 0) of the largest. So are gradients: where a
 * window has a positive value, its largest gets them either way, and where it has none, nobody does. Neither layer has parameters,
 * state or noise, so that what is listed by layer still fits.
 */
export function inQuickOrder(layers: readonly Layer[]): readonly Layer[] {
  const ordered = [...layers];
  for (let index = 1; index < ordered.length; index += 1) {
    const [before, layer] = [ordered[index - 1], ordered[index]];
    if (before?.commutes !== 'rectifier' || layer?.commutes !== 'maximum') continue;
    ordered.splice(index - 1, 2, layer, before);
  }
  return ordered;
}
