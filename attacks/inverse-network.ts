/**
 * Model inversion by an inverse network (He, Zhang and Lee, Model Inversion Attacks Against Collaborative Inference, 2019,
 * Algorithm 2; the client part known as in SplitFed, where every client holds the fed server's average).
 *
 * The main server sees the smashed data of every batch. One colluding client gives it the client part's parameters, and it has
 * images of its own from the same distribution. It sends those through the client part, the noise layers included and drawn anew
 * each time, and trains a decoder to undo it:
 *
 *   decoder ← arg min E ‖decoder(client(x) with noise) − x‖²
 *
 * Then it decodes what it saw of the victims. Of several releases of one record it takes the mean, and trains on means of as many.
 * A decoder trained without the noise would overstate the protection.
 */

import { scalar } from '../src/arrays/ndarray.ts';
import { zipArrays } from '../src/arrays/tree.ts';
import { valueAndGrad } from '../src/autodiff/index.ts';
import { compile } from '../src/compile/compile.ts';
import { type Tensor, tf } from '../src/compile/tf.ts';
import type { NdArray, Tensors } from '../src/contracts/array.ts';
import type {
  Attack,
  AttackEntry,
  AttackTools,
  Knowledge,
  PublicKnowledge,
  SearchPoint,
} from '../src/contracts/attack.ts';
import type { LayerNoise, Weights } from '../src/contracts/model.ts';
import type { Rng } from '../src/contracts/rng.ts';
import { meanSquaredError } from '../src/models/losses.ts';
import { applyLayers, initWeights, outputShapes } from '../src/models/network.ts';
import { adam, type OptimizerState } from '../src/models/optimizers.ts';
import { imagesAt, noisePool } from './decoding/auxiliary.ts';
import { type DecoderParams, decoder } from './decoding/decoder.ts';

interface InverseNetworkOptions {
  readonly victims: number;
  readonly auxiliary: number;
  readonly releases: number;
  readonly round: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly hidden: number;
  readonly filters: number;
}

type Secret = 'clientParams' | 'auxiliary';

export const inverseNetwork: AttackEntry = {
  name: 'inverse-network',
  summary: 'train a decoder from smashed data to images on the attacker’s own examples',
  options: {
    victims: { type: 'integer', min: 1, default: 100, description: 'training images of client 0 that are attacked' },
    auxiliary: { type: 'integer', min: 1, default: 4000, description: 'images of the attacker’s own to train on' },
    releases: {
      type: 'integer',
      min: 1,
      default: 1,
      description: 'noisy releases of each victim, of one and the same client part, whose mean is decoded',
    },
    round: {
      type: 'integer',
      min: 1,
      infinite: true,
      default: Number.POSITIVE_INFINITY,
      description: 'smashed data of the weights before this round; .inf: of the trained model',
    },
    epochs: { type: 'integer', min: 1, default: 5, description: 'passes over the attacker’s images' },
    batchSize: { type: 'integer', min: 1, default: 50, description: 'images in one training step of the decoder' },
    learningRate: { type: 'number', above: 0, default: 0.002, description: 'of Adam at the start, falling to 0' },
    hidden: { type: 'integer', min: 1, default: 128, description: 'units of the decoder’s dense branch' },
    filters: { type: 'integer', min: 1, default: 16, description: 'channels of its convolutional branch' },
  },
  sources: ['He, Zhang and Lee 2019, Algorithm 2 (inverse network)'],
  defaultView: () => 'main-server',
  views: ['main-server'],
  create: (options, view) => {
    if (view !== 'main-server') throw new RangeError(`view must be main-server, but is "${view}".`);
    return attackWith(options as unknown as InverseNetworkOptions);
  },
};

function attackWith(options: InverseNetworkOptions): Attack<'main-server', Secret> {
  const { victims, auxiliary, releases, round } = options;
  return {
    name: 'inverse-network',
    threatModel: {
      view: 'main-server',
      conduct: 'honest-but-curious',
      knows: ['clientParams', 'auxiliary'],
    },
    // One victim an observation: nothing is won by matching victims within a batch.
    probe: { round: Number.isFinite(round) ? round : 'end', victims, batch: 1, releases, auxiliary },
    run: async (observations, knowledge, tools) => {
      const { decode, path } = await trainDecoder(knowledge, options, tools);
      const objective = path.at(-1)?.objective ?? Number.NaN;
      return Promise.all(
        observations.map(async ({ releases: seen }, index) => ({
          images: await decode(meanOf(seen.map(({ smashed }) => smashed))),
          objective,
          ...(index === 0 && { path }), // one decoder for all of them
        })),
      );
    },
  };
}

interface Standardization {
  readonly mean: NdArray;
  readonly std: NdArray;
}

/** The client part on the attacker's own images. */
interface SimulationInputs {
  readonly client: Weights;
  /** `[batch, height, width, channels]` */
  readonly x: NdArray;
  /** For releases · batch examples. */
  readonly noise: LayerNoise;
}

interface TrainingInputs extends SimulationInputs {
  readonly standard: Standardization;
  readonly params: DecoderParams;
  readonly state: OptimizerState;
  readonly learningRate: NdArray;
}

interface DecodingInputs {
  readonly standard: Standardization;
  readonly params: DecoderParams;
  readonly smashed: NdArray;
}

/** Everything that is compiled: simulate the client, train the decoder on what comes out, decode. */
function graphsOf({ model, cut }: PublicKnowledge, { releases, hidden, filters }: InverseNetworkOptions) {
  const layers = model.layers.slice(0, cut);
  const smashedShape = outputShapes(layers, model.inputShape).at(-1) ?? model.inputShape;
  const network = decoder({ smashedShape, imageShape: model.inputShape, hidden, filters });
  const optimizer = adam();

  const simulate = ({ client, x, noise }: Tensors<SimulationInputs>): Tensor => {
    const copies = tf.concat(Array.from({ length: releases }, () => x));
    const { output } = applyLayers(layers, client, copies, { noise, training: true });
    return tf.mean(tf.reshape(output, [releases, x.shape[0] as number, ...smashedShape]), 0);
  };
  const decode = (params: Tensors<DecoderParams>, smashed: Tensor, { mean, std }: Tensors<Standardization>): Tensor =>
    network.apply(params, tf.div(tf.sub(smashed, mean), std));

  return {
    network,
    optimizer,
    simulate: compile('simulated smashed data', simulate),
    decode: compile('decode', ({ params, smashed, standard }: Tensors<DecodingInputs>) =>
      decode(params, smashed, standard),
    ),
    train: compile('decoder training step', (inputs: Tensors<TrainingInputs>) => {
      const smashed = simulate(inputs);
      const { value, gradient } = valueAndGrad(
        (params) => meanSquaredError(decode(params, smashed, inputs.standard), inputs.x),
        inputs.params,
      );
      return { loss: value, ...optimizer.update(inputs.params, gradient, inputs.state, inputs.learningRate) };
    }),
  };
}

interface TrainedDecoder {
  /** Images from smashed data, both with the batch first. */
  readonly decode: (smashed: NdArray) => Promise<NdArray>;
  /** Mean training loss of each epoch. */
  readonly path: readonly SearchPoint[];
}

async function trainDecoder(
  knowledge: Knowledge<Secret>,
  options: InverseNetworkOptions,
  { rng, progress }: AttackTools,
): Promise<TrainedDecoder> {
  const graphs = graphsOf(knowledge, options);
  const nextBatch = batchSource(knowledge, options, rng);
  const standard = standardizationOf(await graphs.simulate(nextBatch()));
  const stepsPerEpoch = Math.ceil(knowledge.auxiliary.size / options.batchSize);
  const steps = stepsPerEpoch * options.epochs;
  let params = graphs.network.init(rng.fork('decoder'));
  let state = graphs.optimizer.init(params);
  const losses = new Array<number>(options.epochs).fill(0);
  for (let step = 0; step < steps; step += 1) {
    const learningRate = scalar(options.learningRate * (1 - step / steps));
    const next = await graphs.train({ ...nextBatch(), standard, params, state, learningRate });
    ({ params, state } = next);
    const epoch = Math.floor(step / stepsPerEpoch);
    losses[epoch] = (losses[epoch] as number) + (next.loss.data[0] as number) / stepsPerEpoch;
    if ((step + 1) % stepsPerEpoch === 0) progress((step + 1) / steps);
  }
  const path = losses.map((objective, epoch) => ({ step: epoch + 1, objective }));
  return { path, decode: (smashed) => graphs.decode({ params, smashed, standard }) };
}

/** Batches of the attacker's images in ever new order, with noise for as many releases as the attack will see. */
function batchSource(
  { model, cut, clientParams, auxiliary }: Knowledge<Secret>,
  { releases, ...options }: InverseNetworkOptions,
  rng: Rng,
): () => SimulationInputs {
  const batchSize = Math.min(options.batchSize, auxiliary.size);
  const drawNoise = noisePool(model.layers.slice(0, cut), model.inputShape, rng.fork('noise'));
  const order = rng.fork('order');
  // Running statistics: none enters a training batch.
  const { state } = initWeights(model, rng.fork('state'));
  const client = { params: clientParams, state: state.slice(0, cut) };
  let waiting: Int32Array = new Int32Array(0);
  return () => {
    if (waiting.length < batchSize) waiting = order.permutation(auxiliary.size);
    const x = imagesAt(auxiliary, waiting.subarray(0, batchSize));
    waiting = waiting.subarray(batchSize);
    return { client, x, noise: drawNoise(releases * batchSize) };
  };
}

/** Mean and standard deviation over all values of a batch of smashed data. */
function standardizationOf({ data }: NdArray): Standardization {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
  return { mean: scalar(mean), std: scalar(Math.sqrt(variance) || 1) };
}

function meanOf(releases: readonly NdArray[]): NdArray {
  return zipArrays(releases, (arrays) => {
    const [{ shape, data }] = arrays as [NdArray];
    const mean = data.map(
      (_, index) => arrays.reduce((sum, array) => sum + (array.data[index] as number), 0) / arrays.length,
    );
    return { shape, data: mean };
  });
}
