/**
 * One exchange between a client and the main server:
 * client forward → smashed data → server forward, loss, backward → cut gradient → client backward; then both update.
 *
 * Three pure phases make it up. They run as one fused graph (the default), or as three graphs with the messages really
 * sent between them; both give the same numbers. Without a server (centralized, federated) the server part has no layers:
 * the smashed data are the logits, and nothing is sent.
 */

import { clippedGradientSum, grad, valueAndGrad } from '../autodiff/index.ts';
import { compile } from '../compile/compile.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { NdArray, Tensors } from '../contracts/array.ts';
import type { GradientRule } from '../contracts/defense.ts';
import type { LayerNoise, Params, Weights } from '../contracts/model.ts';
import { crossEntropy } from '../models/losses.ts';
import { applyLayers, type Part } from '../models/network.ts';

export interface ExchangeDesign {
  readonly client: Part;
  readonly server: Part;
  /** Clip each example's client gradient (DP-SGD): then `clientGradient` is the sum of the clipped gradients. */
  readonly gradientRule?: GradientRule | undefined;
}

/** Examples that go through the network together. Padding has share 0. */
export interface ExchangeInputs {
  readonly client: Weights;
  readonly server: Weights;
  /** `[batch, height, width, channels]`. */
  readonly x: NdArray;
  /** One-hot `[batch, classes]`. */
  readonly y: NdArray;
  /** Weight of each example in the lot's mean loss, `[batch]`: 1 ÷ lot size, or 0. */
  readonly share: NdArray;
  readonly clientNoise: LayerNoise;
  readonly serverNoise: LayerNoise;
  /** The clipping norm where it changes from step to step (adaptive clipping), in place of the rule's. */
  readonly clipNorm?: NdArray | undefined;
}

/** What crosses the cut, and what each party computes. The loss is Σ share · loss, gradients are of that. */
export interface ExchangeOutputs {
  readonly loss: NdArray;
  readonly smashed: NdArray;
  readonly cutGradient: NdArray;
  readonly clientGradient: Params;
  readonly serverGradient: Params;
  readonly clientState: Params;
  readonly serverState: Params;
  /** How many examples had a gradient norm of at most the clipping norm; under adaptive clipping only. */
  readonly belowClip?: NdArray | undefined;
}

/** Carries the two messages of an exchange from one party to the other. */
export interface Transport {
  smashedData(smashed: NdArray): NdArray;
  cutGradient(cutGradient: NdArray): NdArray;
}

export interface Exchange {
  /** All phases in one graph. */
  fused(inputs: ExchangeInputs): Promise<ExchangeOutputs>;
  /** A graph for each phase, and the messages sent between them. */
  overWire(inputs: ExchangeInputs, transport: Transport): Promise<ExchangeOutputs>;
}

export function exchange(design: ExchangeDesign): Exchange {
  const phases = phasesOf(design);
  const clientForward = compile('client forward', phases.clientForward);
  const serverBackward = compile('server backward', phases.serverBackward);
  const clientBackward = compile('client backward', phases.clientBackward);
  return {
    fused: compile('exchange', (inputs: Tensors<ExchangeInputs>) => fusedPhases(phases, inputs)),
    async overWire({ client, server, x, y, share, clientNoise, serverNoise, clipNorm }, transport) {
      const forward = await clientForward({ client, x, clientNoise });
      const smashed = transport.smashedData(forward.smashed);
      const backward = await serverBackward({ server, smashed, y, share, serverNoise });
      const cutGradient = transport.cutGradient(backward.cutGradient);
      const own = await clientBackward({ client, x, share, clientNoise, cutGradient, clipNorm });
      return { ...backward, ...own, smashed, cutGradient, clientState: forward.clientState };
    },
  };
}

/** The exchange as part of a larger graph. */
export function exchangeInGraph(design: ExchangeDesign) {
  const phases = phasesOf(design);
  return (inputs: Tensors<ExchangeInputs>): Tensors<ExchangeOutputs> => fusedPhases(phases, inputs);
}

type Phases = ReturnType<typeof phasesOf>;
type Inputs<Names extends keyof ExchangeInputs> = Tensors<Pick<ExchangeInputs, Names>>;

function fusedPhases(phases: Phases, inputs: Tensors<ExchangeInputs>): Tensors<ExchangeOutputs> {
  const { smashed, clientState } = phases.clientForward(inputs);
  const backward = phases.serverBackward({ ...inputs, smashed });
  const own = phases.clientBackward({ ...inputs, cutGradient: backward.cutGradient });
  return { ...backward, ...own, smashed, clientState };
}

function phasesOf({ client, server, gradientRule }: ExchangeDesign) {
  return {
    clientForward(inputs: Inputs<'client' | 'x' | 'clientNoise'>) {
      const { output, state } = applyLayers(client.layers, inputs.client, inputs.x, {
        noise: inputs.clientNoise,
        training: true,
      });
      return { smashed: output, clientState: state };
    },

    serverBackward(inputs: Inputs<'server' | 'y' | 'share' | 'serverNoise'> & { smashed: Tensor }) {
      const { value, gradient, aux } = valueAndGrad(
        ({ params, smashed }) => {
          const weights = { params, state: inputs.server.state };
          const result = applyLayers(server.layers, weights, smashed, { noise: inputs.serverNoise, training: true });
          const loss = tf.sum(tf.mul(inputs.share, crossEntropy(result.output, inputs.y)));
          return { value: loss, aux: result.state };
        },
        { params: inputs.server.params, smashed: inputs.smashed },
      );
      return { loss: value, serverGradient: gradient.params, cutGradient: gradient.smashed, serverState: aux };
    },

    clientBackward(inputs: ClientBackwardInputs): ClientGradient {
      if (gradientRule) return clippedSum(client, gradientRule, inputs);
      const clientGradient = grad((params) => {
        const weights = { params, state: inputs.client.state };
        const { output } = applyLayers(client.layers, weights, inputs.x, { noise: inputs.clientNoise, training: true });
        return tf.sum(tf.mul(output, inputs.cutGradient));
      }, inputs.client.params);
      return { clientGradient };
    },
  };
}

type ClientBackwardInputs = Inputs<'client' | 'x' | 'share' | 'clientNoise' | 'clipNorm'> & { cutGradient: Tensor };
type ClientGradient = Tensors<Pick<ExchangeOutputs, 'clientGradient' | 'belowClip'>>;

/** Σ_i clip(g_i), from the cut gradient of the mean loss: row i of it is share_i times that of example i's own loss. */
function clippedSum(client: Part, rule: GradientRule, inputs: ClientBackwardInputs): ClientGradient {
  const mask = tf.cast(tf.greater(inputs.share, 0), 'float32');
  const ownShare = tf.add(inputs.share, tf.sub(1, mask)); // 1 for padding, whose rows are 0
  const clipNorm = inputs.clipNorm ?? rule.clipNorm;
  const { gradient, norms } = clippedGradientSum({
    layers: client.layers,
    weights: inputs.client,
    x: inputs.x,
    outputGradient: tf.div(inputs.cutGradient, tf.reshape(ownShare, [-1, ...client.outputShape.map(() => 1)])),
    noise: inputs.clientNoise,
    clipNorm,
    clipping: rule.clipping,
    mask,
  });
  if (rule.clipping?.kind !== 'adaptive') return { clientGradient: gradient };
  const isBelow = tf.cast(tf.lessEqual(norms, clipNorm), 'float32');
  return { clientGradient: gradient, belowClip: tf.sum(tf.mul(mask, isBelow)) };
}
