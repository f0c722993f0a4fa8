/** One training step of both parties: an exchange, then an update on each side. */

import { zeros } from '../arrays/ndarray.ts';
import { mapArrays } from '../arrays/tree.ts';
import { compile } from '../compile/compile.ts';
import { tf } from '../compile/tf.ts';
import type { Tensors } from '../contracts/array.ts';
import type { Params } from '../contracts/model.ts';
import type { Optimizer } from '../models/optimizers.ts';
import { addTrees } from './aggregation.ts';
import type { ClipState } from './clip-state.ts';
import {
  type ExchangeDesign,
  type ExchangeInputs,
  type ExchangeOutputs,
  exchange,
  type Transport,
} from './exchange.ts';
import { fusedStep } from './fused-step.ts';
import { exchangeInputs } from './microbatches.ts';
import { clipNormOf, gradientNoiseOf, nextClipNormOf } from './private-step.ts';
import { applyUpdate, type GradientNoise, noisyGradient, type PartyState, type PrivateUpdate } from './update.ts';

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
  if (design.mode !== 'fused') return phasedStep(design);
  return design.privacy ? privateStep(design) : fusedStep(design);
}

/** A lot of one microbatch as a batch without privacy is; of several in a graph each, which hand their sums on; of none as noise alone. */
function privateStep(design: StepDesign): Step {
  const [fused, phased] = [fusedStep(design), phasedStep(design)];
  return (parties, lot, transport) => (lot.microbatches.length === 1 ? fused : phased)(parties, lot, transport);
}

function phasedStep(design: StepDesign): Step {
  const phases = exchange({ ...design, gradientRule: design.privacy?.rule });
  const updateClient = partyUpdate('client update', design);
  const updateServer = partyUpdate('server update', { ...design, privacy: undefined });
  return async (parties, lot, transport) => {
    const clipNorm = clipNormOf(lot);
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
    const noise = gradientNoiseOf(design, lot);
    const client = await updateClient({ party: states.client, gradient: clientGradient, ...noise });
    const server = sums ? await updateServer({ party: states.server, gradient: sums.serverGradient }) : states.server;
    const next = nextClipNormOf(design, lot, sums);
    return { parties: { client, server }, loss: sums?.loss.data[0] ?? 0, clipNorm: next };
  };
}

type Sums = Pick<ExchangeOutputs, 'clientGradient' | 'serverGradient' | 'loss' | 'belowClip'>;

function sumsOf({ clientGradient, serverGradient, loss, belowClip }: ExchangeOutputs): Sums {
  return { clientGradient, serverGradient, loss, belowClip };
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

interface UpdateInputs extends GradientNoise {
  readonly party: PartyState;
  readonly gradient: Params;
}

function partyUpdate(name: string, { optimizer, learningRate, privacy }: StepDesign) {
  return compile(name, ({ party, gradient, ...noise }: Tensors<UpdateInputs>) =>
    applyUpdate(optimizer, party, {
      gradient: noisyGradient(privacy, gradient, noise),
      state: party.weights.state,
      learningRate: tf.scalar(learningRate),
    }),
  );
}
