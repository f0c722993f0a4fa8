/** Trains a split model with any of the five trainers: rounds of clients' turns, and what is averaged between them. */

import type { Message } from '../contracts/message.ts';
import { initWeights, joinWeights, splitWeights } from '../models/network.ts';
import { divergence } from './divergence.ts';
import { type Evaluation, evaluator } from './evaluate.ts';
import type { Federation } from './federation.ts';
import { optimizerOf } from './optimizer.ts';
import { requirePrivateModel } from './private-model.ts';
import { protocolOf } from './protocol.ts';
import { trainRound } from './round.ts';
import { trainingStep } from './step.ts';
import { type GlobalWeights, partsOf, type TrainingTask } from './task.ts';
import { countingWire } from './wire.ts';

export type { GlobalWeights, TrainingTask } from './task.ts';
export { partsOf } from './task.ts';

export interface RoundSummary extends Evaluation {
  readonly round: number;
  /** Mean over the round's exchanges, weighted by examples; undefined where Poisson sampling chose none. */
  readonly trainLoss: number | undefined;
  /** Largest number of noisy releases of one training example so far. */
  readonly releases: number;
  /** Gradient steps of each client so far. */
  readonly steps: readonly number[];
  /** Clipping norm of each client's next step, where it adapts; none otherwise. */
  readonly clipNorms: readonly number[];
  /** Clipping norm of client updates in the next round, where it adapts; undefined otherwise. */
  readonly updateClipNorm: number | undefined;
  /** Payload of all messages so far. */
  readonly bytesUp: number;
  readonly bytesDown: number;
}

export interface TrainingObserver {
  /** Before a round: `global` is what every client is about to start from. */
  readonly beforeRound?: (round: number, global: GlobalWeights) => Promise<void>;
  readonly afterRound?: (summary: RoundSummary) => void;
  /** Sees each message as it is sent. */
  readonly onMessage?: (message: Message) => void;
}

/** Trains for all rounds. Throws where the loss stops being finite, naming the round. */
export async function train(task: TrainingTask, observer: TrainingObserver = {}): Promise<GlobalWeights> {
  const federation = federationOf(task, observer);
  const evaluate = evaluator(task.model);
  for (let round = 1; round <= task.trainer.rounds; round += 1) {
    await observer.beforeRound?.(round, federation.global);
    const trainLoss = await trainRound(federation, round);
    if (trainLoss !== undefined && !Number.isFinite(trainLoss)) throw divergence(trainLoss, round, task);
    const weights = joinWeights(federation.global.client, federation.global.server);
    const evaluation = await evaluate(weights, task.data.test, task.noiseRng.fork(`evaluation/round-${round}`));
    observer.afterRound?.({ round, trainLoss, ...evaluation, ...countsOf(federation) });
  }
  return federation.global;
}

function federationOf(task: TrainingTask, observer: TrainingObserver): Federation {
  const { trainer, model, cut, gradientRule } = task;
  requirePrivateModel(task);
  const optimizer = optimizerOf(trainer.optimizer);
  const privacy = gradientRule && { rule: gradientRule, normaliser: trainer.batchSize };
  return {
    task,
    protocol: protocolOf(trainer.name),
    step: trainingStep({
      ...partsOf(model, cut),
      optimizer,
      learningRate: trainer.optimizer.learningRate,
      privacy,
      mode: task.mode ?? 'fused',
    }),
    wire: countingWire(observer.onMessage),
    freshOptimizer: (weights) => optimizer.init(weights.params),
    kept: new Map(),
    releases: task.shards.map((shard) => new Int32Array(shard.length)),
    steps: task.shards.map(() => 0),
    clipNorms: task.shards.map(() => gradientRule?.clipNorm ?? 0),
    updateClipNorm: task.updateRule?.clipNorm ?? 0,
    global: splitWeights(initWeights(model, task.rng.fork('weights')), cut),
  };
}

function countsOf({ task, releases, steps, clipNorms, updateClipNorm, wire }: Federation) {
  return {
    releases: Math.max(...releases.map((counts) => counts.reduce((most, count) => Math.max(most, count), 0))),
    steps: [...steps],
    clipNorms: task.gradientRule?.clipping?.kind === 'adaptive' ? [...clipNorms] : [],
    updateClipNorm: task.updateRule?.clipping?.kind === 'adaptive' ? updateClipNorm : undefined,
    bytesUp: wire.bytesUp,
    bytesDown: wire.bytesDown,
  };
}
