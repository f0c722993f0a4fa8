/** One round: whose turn it is, and what is averaged after it. */

import type { Party } from '../contracts/message.ts';
import type { Weights } from '../contracts/model.ts';
import type { Rng } from '../contracts/rng.ts';
import { poissonLot } from '../data/batches.ts';
import { addTrees, type RunningAverage, runningAverage, subtractTrees } from './aggregation.ts';
import type { Federation } from './federation.ts';
import { drawnCount, expectedCount } from './participation.ts';
import { clippedUpdate, nextUpdateClipNorm, noisyMeanUpdate } from './private-average.ts';
import type { Parties } from './step.ts';
import { type Turn, takeTurn, type WeightedLoss } from './turn.ts';
import type { PartyState } from './update.ts';

/** What the client sent of its turn. */
interface Sent {
  /** New − old weights of the client part; clipped under DP-FedAvg. */
  readonly update: Weights;
  /** Whether it was no longer than the clipping norm; under adaptive clipping of updates only. */
  readonly isBelowClip?: boolean;
}

/**
 * What a round keeps of its turns: sums where it can. A client's weights that outlive its turn cost more than their averaging, since
 * the garbage collector then has to search all of the memory.
 */
interface Collected {
  readonly losses: WeightedLoss[];
  /** Of DP-FedAvg, which adds noise to all of them together. */
  readonly sent: Sent[];
  readonly updates: RunningAverage<Weights>;
  readonly servers: RunningAverage<Weights>;
}

/** One global epoch; returns its mean loss, undefined where it saw no example. */
export async function trainRound(federation: Federation, round: number): Promise<number | undefined> {
  const { protocol, task, global } = federation;
  const participants = participantsOf(federation, round);
  const collected = nothingYet(federation, participants);
  let server = sharedServer(federation);
  let client = global.client;
  for (const k of participants) {
    const start = protocol.clientPart === 'averaged' ? global.client : client;
    receive(federation, k, start);
    const turn = await takeTurn(federation, { k, round, parties: partiesOf(federation, { k, start, server }) });
    const sent = deliver(federation, k, subtractTrees(turn.parties.client.weights, start));
    collect(federation, collected, { turn, sent });
    client = turn.parties.client.weights;
    if (protocol.serverPart === 'shared') server = turn.parties.server;
  }
  federation.global = {
    client: protocol.clientPart === 'averaged' ? averagedClient(federation, round, collected) : client,
    // The old one where Poisson sampling chose no client.
    server: protocol.serverPart === 'shared' || participants.length === 0 ? server.weights : collected.servers.mean(),
  };
  if (task.trainer.optimizer.state === 'keep') federation.kept.set('server', server.optimizer);
  return meanLoss(collected.losses);
}

function nothingYet({ task }: Federation, participants: readonly number[]): Collected {
  const examples = participants.reduce((sum, k) => sum + (task.shards[k]?.length ?? 0), 0);
  return { losses: [], sent: [], updates: runningAverage(examples), servers: runningAverage(examples) };
}

function collect(
  { protocol, task }: Federation,
  collected: Collected,
  { turn, sent }: { readonly turn: Turn; readonly sent: Sent },
): void {
  const { examples, parties, losses } = turn;
  collected.losses.push(...losses);
  if (task.updateRule) collected.sent.push(sent);
  else if (protocol.clientPart === 'averaged') collected.updates.add({ tree: sent.update, examples });
  if (protocol.serverPart === 'averaged') collected.servers.add({ tree: parties.server.weights, examples });
}

/** The global client part with the clients' mean update: weighted by examples, or noisy under DP-FedAvg. */
function averagedClient(federation: Federation, round: number, { sent, updates }: Collected): Weights {
  const { global, task, updateClipNorm: clipNorm } = federation;
  const { updateRule: rule, trainer, noiseRng } = task;
  if (!rule) return addTrees(global.client, updates.mean());
  const expectedClients = expectedCount(trainer, rule);
  const rng = noiseRng.fork(`updates/round-${round}`);
  const below = sent.filter(({ isBelowClip }) => isBelowClip).length;
  const average = { rule, clipNorm, expectedClients, rng };
  federation.updateClipNorm = nextUpdateClipNorm(average, { below, examples: sent.length });
  const clipped = sent.map(({ update }) => update);
  return addTrees(global.client, noisyMeanUpdate(clipped, { ...average, like: global.client }));
}

/** Under Poisson sampling a round may see no example at all: its loss is unknown then, and not 0, which would be perfect. */
function meanLoss(losses: readonly WeightedLoss[]): number | undefined {
  const examples = losses.reduce((sum, entry) => sum + entry.examples, 0);
  return examples > 0 ? losses.reduce((sum, entry) => sum + entry.loss * entry.examples, 0) / examples : undefined;
}

/** The clients of a round, in the order of their turns. */
function participantsOf(federation: Federation, round: number): readonly number[] {
  const { task, protocol } = federation;
  const rng = task.rng.fork(`participants/round-${round}`);
  const chosen = task.updateRule ? sampledClients(federation, round) : drawnClients(federation, rng);
  if (protocol.order === 'given') return chosen;
  return [...rng.fork('order').permutation(chosen.length)].map((position) => chosen[position] as number);
}

/** As many clients as the participation says. */
function drawnClients({ task, protocol }: Federation, rng: Rng): readonly number[] {
  if (protocol.isCentral) return [0];
  const count = drawnCount(task.trainer);
  const all = Array.from({ length: task.trainer.clients }, (_, k) => k);
  return count < all.length ? [...rng.permutation(all.length)].slice(0, count).sort((a, b) => a - b) : all;
}

/** Each client with probability `participation`, independently: what the accountant of DP-FedAvg assumes. May be none. */
function sampledClients({ task }: Federation, round: number): readonly number[] {
  const { clients, participation } = task.trainer;
  const all = Int32Array.from({ length: clients }, (_, k) => k);
  return [...poissonLot(all, participation, task.noiseRng.fork(`participants/round-${round}`))];
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

/** Under DP-FedAvg an update is clipped at its sender: more never leaves the client. */
function deliver(federation: Federation, k: number, made: Weights): Sent {
  const sent = sentOf(federation, made);
  if (federation.protocol.isCentral) return sent;
  return federation.wire.send({ kind: 'client-update', from: `client-${k}`, to: hubOf(federation), ...sent });
}

function sentOf({ task, updateClipNorm }: Federation, made: Weights): Sent {
  if (!task.updateRule) return { update: made };
  const { update, isBelowClip } = clippedUpdate(made, task.updateRule, updateClipNorm);
  return task.updateRule.clipping?.kind === 'adaptive' ? { update, isBelowClip } : { update };
}
