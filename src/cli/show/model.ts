/** A model's list of layers, with the index at which it can be cut. */

import type { ModelEntry } from '../../contracts/model.ts';
import { describeLayers, type LayerSummary } from '../../models/index.ts';
import { table } from '../table.ts';
import { UsageError } from '../usage-error.ts';
import type { Details } from './description.ts';

/** What the model is built for. */
export interface Site {
  readonly inputShape: readonly [height: number, width: number, channels: number];
  readonly classes: number;
}

/** Throws a UsageError where the model does not fit the input. */
export function modelDetails(entry: ModelEntry, { inputShape, classes }: Site): Details {
  const layers = layersOf(entry, { inputShape, classes });
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  const { defaultCut, defaultInit } = entry;
  const cuts = { min: 1, max: layers.length - 1 };
  return {
    document: { inputShape, classes, parameters, cuts, defaultCut, defaultInit, layers },
    lines: [
      '',
      `On ${inputShape.join('×')} inputs and ${classes} classes: ${grouped(parameters)} parameters.`,
      `Cuts 1 to ${cuts.max} (layers on the client), ${defaultCut} by default; initial weights: ${defaultInit}.`,
      '',
      ...layerTable(layers, defaultCut),
    ],
  };
}

function layersOf(entry: ModelEntry, site: Site): readonly LayerSummary[] {
  try {
    return describeLayers(entry.build(site));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`model "${entry.name}" does not fit ${site.inputShape.join('x')} inputs: ${reason}`);
  }
}

function layerTable(layers: readonly LayerSummary[], cut: number): string[] {
  const rows = layers.map(({ index, label, outputShape, parameters }) => [
    String(index),
    label,
    outputShape.join('×'),
    grouped(parameters),
    index === cut ? '← default cut' : '',
  ]);
  return table([['layer', '', 'output', 'parameters', ''], ...rows], [0, 3]);
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
