/** Trains a split model with any of the five trainers: rounds of clients' turns, and what is averaged between them. */

import { rows } from '../arrays/ndarray.ts';
import type { Dataset } from '../contracts/dataset.ts';
import type { GradientRule } from '../contracts/defense.ts';
import type { TrainerConfig } from '../contracts/experiment.ts';
import type { Message, Party } from '../contracts/message.ts';
import type { Model, Weights } from '../contracts/model.ts';
import type { Rng } from '../contracts/rng.ts';
import { labelsOf } from '../data/batches.ts';
import { initWeights, joinWeights, type Part, splitModel, splitWeights } from '../models/network.ts';
import type { OptimizerState } from '../models/optimizers.ts';
import { addTrees, subtractTrees, weightedAverage } from './aggregation.ts';
import { type Evaluation, evaluator } from './evaluate.ts';
import { epochPositions, type LotSource, plainLot, privateLot } from './lots.ts';
import { optimizerOf } from './optimizer.ts';
import { type Protocol, protocolOf } from './protocol.ts';
import { type Parties, type Step, type TransportOf, trainingStep } from './step.ts';
import type { PartyState } from './update.ts';
import { countingWire, type Wire } from './wire.ts';

export interface TrainingTask {
  /** With the defenses' layers in it. */
  readonly model: Model;
  /** Layers on the client; all of them for trainers without a server. */
  readonly cut: number;
  readonly trainer: TrainerConfig;
  readonly data: { readonly train: Dataset; readonly test: Dataset };
  /** Indices of each client's examples. */
  readonly shards: readonly Int32Array[];
  /** DP-SGD on the client's gradient. */
  readonly gradientRule: GradientRule | undefined;
  /** Initial weights, order of examples and clients. */
  readonly rng: Rng;
  /** Everything drawn for privacy, and what layers draw. */
  readonly noiseRng: Rng;
  /** See `StepDesign`; default fused. */
  readonly mode?: 'fused' | 'messages';
}

/** The global model, as the two parties hold it between rounds. */
export interface GlobalWeights {
  readonly client: Weights;
  readonly server: Weights;
}

export interface RoundSummary extends Evaluation {
  readonly round: number;
  /** Mean over the round's exchanges, weighted by examples. */
  readonly trainLoss: number;
  /** Largest number of noisy releases of one training example so far. */
  readonly releases: number;
  /** Gradient steps of each client so far. */
  readonly steps: readonly number[];
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

/** Everything that goes on from round to round. */
interface Federation {
  readonly task: TrainingTask;
  readonly protocol: Protocol;
  readonly step: Step;
  readonly wire: Wire;
  readonly freshOptimizer: (weights: Weights) => OptimizerState;
  /** Optimizer states that stay with a client, by party and client. */
  readonly kept: Map<string, OptimizerState>;
  readonly releases: readonly Int32Array[];
  readonly steps: number[];
  global: GlobalWeights;
}

/** Trains for all rounds. Throws where the loss stops being finite, naming the round. */
export async function train(task: TrainingTask, observer: TrainingObserver = {}): Promise<GlobalWeights> {
  const federation = federationOf(task, observer);
  const evaluate = evaluator(task.model);
  for (let round = 1; round <= task.trainer.rounds; round += 1) {
    await observer.beforeRound?.(round, federation.global);
    const trainLoss = await trainRound(federation, round);
    requireFinite(trainLoss, round, task);
    const weights = joinWeights(federation.global.client, federation.global.server);
    const evaluation = await evaluate(weights, task.data.test, task.noiseRng.fork(`evaluation/round-${round}`));
    observer.afterRound?.({ round, trainLoss, ...evaluation, ...countsOf(federation) });
  }
  return federation.global;
}

function federationOf(task: TrainingTask, observer: TrainingObserver): Federation {
  const { trainer, model, cut } = task;
  const optimizer = optimizerOf(trainer.optimizer);
  const privacy = task.gradientRule && { rule: task.gradientRule, normaliser: trainer.batchSize };
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
    global: splitWeights(initWeights(model, task.rng.fork('weights')), cut),
  };
}

/** Client and server part; a cut behind the last layer leaves the server without any. */
export function partsOf(model: Model, cut: number): { readonly client: Part; readonly server: Part } {
  if (cut < model.layers.length) return splitModel(model, cut);
  const outputShape = [model.classes];
  const server = { layers: [], inputShape: outputShape, outputShape };
  return { client: { layers: model.layers, inputShape: model.inputShape, outputShape }, server };
}

function countsOf({ releases, steps, wire }: Federation) {
  return {
    releases: Math.max(...releases.map((counts) => counts.reduce((most, count) => Math.max(most, count), 0))),
    steps: [...steps],
    bytesUp: wire.bytesUp,
    bytesDown: wire.bytesDown,
  };
}

function requireFinite(loss: number, round: number, { trainer }: TrainingTask): void {
  if (Number.isFinite(loss)) return;
  throw new Error(
    `training diverged: the loss is ${loss} in round ${round}. Lower trainer.optimizer.learningRate ` +
      `(${trainer.optimizer.learningRate} with ${trainer.optimizer.name}), or take optimizer adam.`,
  );
}

/** One global epoch; returns its mean loss. */
async function trainRound(federation: Federation, round: number): Promise<number> {
  const { protocol, task, global } = federation;
  const turns: Turn[] = [];
  let server = sharedServer(federation);
  let client = global.client;
  for (const k of participantsOf(federation, round)) {
    const start = protocol.clientPart === 'averaged' ? global.client : client;
    receive(federation, k, start);
    const turn = await takeTurn(federation, { k, round, parties: partiesOf(federation, { k, start, server }) });
    turns.push({ ...turn, update: deliver(federation, k, subtractTrees(turn.parties.client.weights, start)) });
    client = turn.parties.client.weights;
    if (protocol.serverPart === 'shared') server = turn.parties.server;
  }
  federation.global = {
    client:
      protocol.clientPart === 'averaged'
        ? addTrees(
            global.client,
            averageOf(turns, (turn) => turn.update),
          )
        : client,
    server:
      protocol.serverPart === 'averaged' ? averageOf(turns, (turn) => turn.parties.server.weights) : server.weights,
  };
  if (task.trainer.optimizer.state === 'keep') federation.kept.set('server', server.optimizer);
  return meanLoss(turns);
}

/** A client's local epochs in one round, and what came of them. */
interface Turn {
  readonly examples: number;
  readonly parties: Parties;
  readonly update: Weights;
  readonly losses: readonly WeightedLoss[];
}

interface WeightedLoss {
  readonly loss: number;
  readonly examples: number;
}

function averageOf(turns: readonly Turn[], part: (turn: Turn) => Weights): Weights {
  return weightedAverage(turns.map((turn) => ({ tree: part(turn), examples: turn.examples })));
}

function meanLoss(turns: readonly Turn[]): number {
  const losses = turns.flatMap((turn) => turn.losses);
  const examples = losses.reduce((sum, entry) => sum + entry.examples, 0);
  // Under Poisson sampling a round may see no example at all.
  return examples > 0 ? losses.reduce((sum, entry) => sum + entry.loss * entry.examples, 0) / examples : 0;
}

/** The clients of a round, in the order of their turns. */
function participantsOf({ task, protocol }: Federation, round: number): number[] {
  const { clients, participation } = task.trainer;
  const count = protocol.isCentral ? 1 : Math.max(1, Math.round(participation * clients));
  const rng = task.rng.fork(`participants/round-${round}`);
  const all = protocol.isCentral ? [0] : Array.from({ length: clients }, (_, k) => k);
  const chosen = count < all.length ? [...rng.permutation(all.length)].slice(0, count).sort((a, b) => a - b) : all;
  if (protocol.order === 'given') return chosen;
  return [...rng.fork('order').permutation(chosen.length)].map((position) => chosen[position] as number);
}

/** The one server part at the start of a round, with its optimizer. */
function sharedServer({ kept, freshOptimizer, global }: Federation): PartyState {
  return { weights: global.server, optimizer: kept.get('server') ?? freshOptimizer(global.server) };
}

function partiesOf(
  federation: Federation,
  { k, start, server }: { k: number; start: Weights; server: PartyState },
): Parties {
  const { kept, freshOptimizer, global, protocol } = federation;
  const client = { weights: start, optimizer: kept.get(`client-${k}`) ?? freshOptimizer(start) };
  if (protocol.serverPart === 'shared') return { client, server };
  const copy = kept.get(`server-copy-${k}`) ?? freshOptimizer(global.server);
  return { client, server: { weights: global.server, optimizer: copy } };
}

/** Who keeps the client parts between turns: the fed server, or the main server where they are handed on. */
function hubOf({ protocol }: Federation): Party {
  return protocol.clientPart === 'averaged' ? 'fed-server' : 'main-server';
}

function receive(federation: Federation, k: number, weights: Weights): void {
  if (federation.protocol.isCentral) return;
  federation.wire.send({ kind: 'global-model', from: hubOf(federation), to: `client-${k}`, weights });
}

function deliver(federation: Federation, k: number, update: Weights): Weights {
  if (federation.protocol.isCentral) return update;
  return federation.wire.send({ kind: 'client-update', from: `client-${k}`, to: hubOf(federation), update }).update;
}

async function takeTurn(
  federation: Federation,
  { k, round, parties }: { k: number; round: number; parties: Parties },
): Promise<Omit<Turn, 'update'>> {
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
  for (const [index, positions] of epochPositions(source, own.length, task.gradientRule !== undefined).entries()) {
    const indices = positions.map((position) => own[position] as number);
    const params = current.client.weights.params;
    const lot = task.gradientRule
      ? privateLot(source, indices, `${index}`, params)
      : plainLot(source, indices, `${index}`);
    const result = await step(current, lot, transportOf(federation, { k, indices }));
    current = result.parties;
    losses.push({ loss: result.loss, examples: indices.length });
    countReleases(federation.releases[k], positions);
    steps[k] = (steps[k] ?? 0) + 1;
  }
  return { parties: current, losses };
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
