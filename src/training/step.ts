/** One training step of both parties: an exchange, then an update on each side. */

import { scalar, zeros } from '../arrays/ndarray.ts';
import { mapArrays } from '../arrays/tree.ts';
import { compile } from '../compile/compile.ts';
import { tf } from '../compile/tf.ts';
import type { NdArray, Tensors } from '../contracts/array.ts';
import type { Params } from '../contracts/model.ts';
import type { Optimizer } from '../models/optimizers.ts';
import { addTrees } from './aggregation.ts';
import { type ClipState, clipNormAfter } from './clip-state.ts';
import {
  type ExchangeDesign,
  type ExchangeInputs,
  type ExchangeOutputs,
  exchange,
  exchangeInGraph,
  type Transport,
} from './exchange.ts';
import { applyUpdate, gradientNoiseStd, type PartyState, type PrivateUpdate, privatize } from './update.ts';

export interface StepDesign extends Omit<ExchangeDesign, 'gradientRule'> {
  readonly optimizer: Optimizer;
  readonly learningRate: number;
  /** DP-SGD on the client's gradient. */
  readonly privacy: PrivateUpdate | undefined;
  /** One graph for the whole step where possible, or a graph for each phase with the messages really sent. */
  readonly mode: 'fused' | 'messages';
}

export interface Parties {
  readonly client: PartyState;
  readonly server: PartyState;
}

/** Examples that go through the network together: the first `examples` rows, the rest is padding. */
export type Microbatch = Omit<ExchangeInputs, 'client' | 'server' | 'clipNorm'> & {
  readonly examples: number;
};

/** What one step trains on: one batch, or (under DP-SGD) a lot of any size in microbatches of one size, even none. */
export interface Lot {
  readonly microbatches: readonly Microbatch[];
  /** Standard normal draws for the client's parameters; needed under DP-SGD only. */
  readonly gradientNoise: Params | undefined;
  /** Under adaptive clipping only. */
  readonly clip?: ClipState;
}

export interface StepResult {
  readonly parties: Parties;
  /** Mean loss over the lot; 0 for an empty one. */
  readonly loss: number;
  /** The clipping norm of the next step, under adaptive clipping. */
  readonly clipNorm?: number | undefined;
}

/** Where the step sends its messages; `examples` tells rows from padding. */
export type TransportOf = (microbatch: Microbatch) => Transport;

export type Step = (parties: Parties, lot: Lot, transport: TransportOf) => Promise<StepResult>;

export function trainingStep(design: StepDesign): Step {
  return design.mode === 'fused' && !design.privacy ? fusedStep(design) : phasedStep(design);
}

function fusedStep(design: StepDesign): Step {
  const exchangePhases = exchangeInGraph(design);
  const graph = compile('training step', (inputs: Tensors<Parties> & Tensors<Omit<Microbatch, 'examples'>>) => {
    const result = exchangePhases({ ...inputs, client: inputs.client.weights, server: inputs.server.weights });
    return { ...updateBoth(design, inputs, result), smashed: result.smashed, cutGradient: result.cutGradient };
  });
  return async (parties, lot, transport) => {
    const [batch] = lot.microbatches;
    if (!batch) return { parties, loss: 0 };
    const { examples: _, ...arrays } = batch;
    const { client, server, loss, smashed, cutGradient } = await graph({ ...parties, ...arrays });
    const wire = transport(batch);
    wire.smashedData(smashed);
    wire.cutGradient(cutGradient);
    return { parties: { client, server }, loss: loss.data[0] as number };
  };
}

function updateBoth(design: StepDesign, parties: Tensors<Parties>, result: Tensors<ExchangeOutputs>) {
  const learningRate = tf.scalar(design.learningRate);
  const client = { gradient: result.clientGradient, state: result.clientState, learningRate };
  const server = { gradient: result.serverGradient, state: result.serverState, learningRate };
  return {
    loss: result.loss,
    client: applyUpdate(design.optimizer, parties.client, client),
    server: applyUpdate(design.optimizer, parties.server, server),
  };
}

function phasedStep(design: StepDesign): Step {
  const phases = exchange({ ...design, gradientRule: design.privacy?.rule });
  const updateClient = clientUpdate(design);
  const updateServer = serverUpdate(design);
  return async (parties, lot, transport) => {
    const clipNorm = lot.clip && scalar(lot.clip.clipNorm);
    let states = parties;
    let sums: Sums | undefined;
    for (const microbatch of lot.microbatches) {
      const inputs = { ...exchangeInputs(states, microbatch), clipNorm };
      const wire = transport(microbatch);
      const outputs =
        design.mode === 'fused' ? deliver(await phases.fused(inputs), wire) : await phases.overWire(inputs, wire);
      states = withStates(states, outputs);
      sums = sums ? addTrees(sums, sumsOf(outputs)) : sumsOf(outputs);
    }
    // An empty lot still adds noise and steps on the client (accounting counts the step); nothing reaches the server.
    const clientGradient = sums?.clientGradient ?? mapArrays(states.client.weights.params, ({ shape }) => zeros(shape));
    const noise = { noise: lot.gradientNoise, std: noiseStdOf(design, lot) };
    const client = await updateClient({ party: states.client, gradient: clientGradient, ...noise });
    const server = sums ? await updateServer({ party: states.server, gradient: sums.serverGradient }) : states.server;
    const next = nextClipNormOf(design, lot, sums);
    return { parties: { client, server }, loss: sums?.loss.data[0] ?? 0, clipNorm: next };
  };
}

function noiseStdOf({ privacy }: StepDesign, { clip }: Lot): NdArray | undefined {
  return privacy && clip ? scalar(gradientNoiseStd(privacy.rule, clip.clipNorm)) : undefined;
}

function nextClipNormOf({ privacy }: StepDesign, { clip, microbatches }: Lot, sums: Sums | undefined) {
  if (!privacy || !clip) return undefined;
  const examples = microbatches.reduce((count, microbatch) => count + microbatch.examples, 0);
  return clipNormAfter(privacy, clip, { below: sums?.belowClip?.data[0] ?? 0, examples });
}

type Sums = Pick<ExchangeOutputs, 'clientGradient' | 'serverGradient' | 'loss' | 'belowClip'>;

function sumsOf({ clientGradient, serverGradient, loss, belowClip }: ExchangeOutputs): Sums {
  return { clientGradient, serverGradient, loss, belowClip };
}

function exchangeInputs({ client, server }: Parties, { examples: _, ...arrays }: Microbatch): ExchangeInputs {
  return { ...arrays, client: client.weights, server: server.weights };
}

function deliver(outputs: ExchangeOutputs, wire: Transport): ExchangeOutputs {
  return {
    ...outputs,
    smashed: wire.smashedData(outputs.smashed),
    cutGradient: wire.cutGradient(outputs.cutGradient),
  };
}

function withStates({ client, server }: Parties, { clientState, serverState }: ExchangeOutputs): Parties {
  return {
    client: { ...client, weights: { ...client.weights, state: clientState } },
    server: { ...server, weights: { ...server.weights, state: serverState } },
  };
}

interface UpdateInputs {
  readonly party: PartyState;
  readonly gradient: Params;
  readonly noise: Params | undefined;
  readonly std: NdArray | undefined;
}

function clientUpdate({ optimizer, learningRate, privacy }: StepDesign) {
  return compile('client update', ({ party, gradient, noise, std }: Tensors<UpdateInputs>) => {
    const own = privacy && noise ? privatize({ ...privacy, std }, gradient, noise) : gradient;
    return applyUpdate(optimizer, party, {
      gradient: own,
      state: party.weights.state,
      learningRate: tf.scalar(learningRate),
    });
  });
}

function serverUpdate({ optimizer, learningRate }: StepDesign) {
  return compile('server update', ({ party, gradient }: Tensors<Pick<UpdateInputs, 'party' | 'gradient'>>) =>
    applyUpdate(optimizer, party, { gradient, state: party.weights.state, learningRate: tf.scalar(learningRate) }),
  );
}
