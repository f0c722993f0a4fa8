/** What phases take on disk, told before they are written. Headers and scalars are left out: kilobytes. */

import { sizeOf } from '../../arrays/ndarray.ts';
import { seededRng } from '../../arrays/rng.ts';
import type { ViewName } from '../../contracts/attack.ts';
import { initWeights, outputShapes, parameterCount } from '../../models/network.ts';
import { expectedCount } from '../../training/participation.ts';
import type { Setup } from '../setup.ts';
import { type ViewRequest, victimBatches } from './views.ts';

export interface PhaseBytes {
  /** The weights of the victim at one moment. */
  readonly victim: number;
  /** What is recorded for each attack. */
  readonly views: readonly number[];
  /** The messages of one round; the mean where it is drawn who takes part. */
  readonly round: number;
}

const bytesPerValue = 4;

type Sized = Pick<Setup, 'model' | 'cut' | 'shards' | 'config' | 'protocol' | 'updateRule'>;

/** Numbers of parameters by model, since counting them takes drawing them. */
export type ParameterCounts = Map<string, readonly number[]>;

export function phaseBytes(setup: Sized, views: readonly ViewRequest[], known: ParameterCounts): PhaseBytes {
  const counts = countsOf(setup, known);
  const sum = (from: number, to?: number) => counts.slice(from, to).reduce((total, count) => total + count, 0);
  const { cut } = setup;
  const parts = { client: sum(0, cut), server: sum(cut), smashed: smashedSize(setup) };
  return {
    victim: bytesPerValue * (parts.client + parts.server),
    views: views.map((view) => {
      const batches = victimBatches(setup, view).map(({ length }) => length);
      const { once, each, example } = valuesOf(view.view, parts);
      const examples = batches.reduce((total, length) => total + length, 0);
      return bytesPerValue * (once + view.releases * (each * batches.length + example * examples));
    }),
    round: bytesPerValue * valuesOfRound(setup, parts),
  };
}

function countsOf({ model }: Sized, known: ParameterCounts): readonly number[] {
  const { name, layers, inputShape } = model;
  const key = JSON.stringify([name, inputShape, layers.map(({ name: kind, label }) => [kind, label])]);
  const counts =
    known.get(key) ??
    initWeights({ layers, inputShape }, seededRng(0)).params.map((own) => parameterCount({ params: [own] }));
  known.set(key, counts);
  return counts;
}

function smashedSize({ model, cut }: Sized): number {
  return sizeOf(outputShapes(model.layers, model.inputShape)[cut - 1] ?? []);
}

/** Smashed data with labels, their gradients, updates, and global models, of which clients that start alike share one. */
function valuesOfRound({ config, protocol, updateRule, shards }: Sized, { client, smashed }: PartSizes): number {
  if (protocol.isCentral) return 0;
  const { trainer } = config;
  const participants = expectedCount(trainer, updateRule);
  const sent =
    shards.reduce((sum, { length }) => sum + length, 0) * trainer.localEpochs * (participants / shards.length);
  const models = protocol.clientPart === 'averaged' ? 1 : participants;
  return (protocol.hasServer ? sent * (2 * smashed + 1) : 0) + client * (participants + models);
}

interface PartSizes {
  readonly client: number;
  readonly server: number;
  readonly smashed: number;
}

/** Values of a view: those that all observations share, those of each, and those of each example in it. */
function valuesOf(view: ViewName, { client, server, smashed }: PartSizes) {
  switch (view) {
    case 'server':
    case 'fed-server':
      return { once: client, each: client, example: 0 };
    case 'main-server':
      return { once: server, each: server, example: smashed + 1 };
    case 'servers':
      return { once: client + server, each: client + server, example: smashed + 1 };
  }
}
