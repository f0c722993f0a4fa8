/** One client's turn in a round: its local epochs, lot by lot. */

import { rows } from '../arrays/ndarray.ts';
import type { Params } from '../contracts/model.ts';
import { labelsOf } from '../data/batches.ts';
import type { Federation } from './federation.ts';
import { epochPositions, type LotSource, plainLot, privateLot } from './lots.ts';
import type { Lot, Parties, TransportOf } from './step.ts';
import type { TrainingTask } from './task.ts';

/** A client's local epochs in one round, and what came of them. */
export interface Turn {
  readonly examples: number;
  readonly parties: Parties;
  readonly losses: readonly WeightedLoss[];
}

/** Of one step. */
export interface WeightedLoss {
  readonly loss: number;
  readonly examples: number;
}

/** The local epochs of client `k`. */
export async function takeTurn(
  federation: Federation,
  { k, round, parties }: { k: number; round: number; parties: Parties },
): Promise<Turn> {
  const { task, kept } = federation;
  const losses: WeightedLoss[] = [];
  let current = parties;
  for (let epoch = 1; epoch <= task.trainer.localEpochs; epoch += 1) {
    const name = `client-${k}/round-${round}/epoch-${epoch}`;
    const result = await localEpoch(federation, { k, name, parties: current });
    current = result.parties;
    losses.push(...result.losses);
  }
  if (task.trainer.optimizer.state === 'keep') {
    kept.set(`client-${k}`, current.client.optimizer);
    kept.set(`server-copy-${k}`, current.server.optimizer);
  }
  return { examples: task.shards[k]?.length ?? 0, parties: current, losses };
}

async function localEpoch(
  federation: Federation,
  { k, name, parties }: { k: number; name: string; parties: Parties },
): Promise<{ parties: Parties; losses: WeightedLoss[] }> {
  const { task, steps, step } = federation;
  const source = sourceOf(task, name);
  const own = task.shards[k] ?? new Int32Array(0);
  const losses: WeightedLoss[] = [];
  let current = parties;
  for (const [index, positions] of epochPositions(source, own.length, isPoisson(task)).entries()) {
    const indices = positions.map((position) => own[position] as number);
    const lot = lotOf(federation, { k, source, indices, name: `${index}`, params: current.client.weights.params });
    const result = await step(current, lot, transportOf(federation, { k, indices }));
    current = result.parties;
    if (result.clipNorm !== undefined) federation.clipNorms[k] = result.clipNorm;
    losses.push({ loss: result.loss, examples: indices.length });
    countReleases(federation.releases[k], positions);
    steps[k] = (steps[k] ?? 0) + 1;
  }
  return { parties: current, losses };
}

function isPoisson({ gradientRule }: TrainingTask): boolean {
  return gradientRule !== undefined && gradientRule.lots !== 'passes';
}

interface LotRequest {
  readonly k: number;
  readonly source: LotSource;
  readonly indices: Int32Array;
  readonly name: string;
  readonly params: Params;
}

function lotOf({ task, clipNorms }: Federation, { k, source, indices, name, params }: LotRequest): Lot {
  const rule = task.gradientRule;
  if (!rule) return plainLot(source, indices, name);
  return privateLot(source, indices, { name, params, rule, clipNorm: clipNorms[k] ?? rule.clipNorm });
}

function sourceOf(task: TrainingTask, name: string): LotSource {
  return {
    model: task.model,
    cut: task.cut,
    data: task.data.train,
    batchSize: task.trainer.batchSize,
    rng: task.rng.fork(`batches/${name}`),
    noiseRng: task.noiseRng.fork(`exchange/${name}`),
  };
}

/** One forward pass of an example is one release of its activation. */
function countReleases(counts: Int32Array | undefined, positions: Int32Array): void {
  if (!counts) return;
  for (const position of positions) counts[position] = (counts[position] ?? 0) + 1;
}

/** Sends the real rows of what crosses the cut; padding never leaves a party. */
function transportOf(
  { task, protocol, wire }: Federation,
  { k, indices }: { k: number; indices: Int32Array },
): TransportOf {
  if (!protocol.hasServer) return () => ({ smashedData: (smashed) => smashed, cutGradient: (gradient) => gradient });
  let start = 0;
  return ({ examples }) => {
    const labels = labelsOf(task.data.train, indices.subarray(start, start + examples));
    start += examples;
    return {
      smashedData(smashed) {
        const sent = { kind: 'smashed-data', from: `client-${k}`, to: 'main-server', labels } as const;
        wire.send({ ...sent, smashed: rows(smashed, 0, examples) });
        return smashed;
      },
      cutGradient(cutGradient) {
        const sent = { kind: 'cut-gradient', from: 'main-server', to: `client-${k}` } as const;
        wire.send({ ...sent, cutGradient: rows(cutGradient, 0, examples) });
        return cutGradient;
      },
    };
  };
}
