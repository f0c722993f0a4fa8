/** A new attack: white-box inversion of smashed data, which works and is short enough to be replaced. */

import type { Names } from './names.ts';

export const attack = ({ name, identifier, type }: Names): string => `/**
 * Replace this text and the search below: whose method it is, with its equation. What stands here works as it is.
 *
 * The main server has seen smashed data, and one colluding client gave it the client part's parameters. It starts from random
 * pixels and moves them until the client part makes of them what was seen (He, Zhang and Lee 2019, Algorithm 1, without its prior):
 *
 *   x ← arg min ‖client(x) − smashed‖² ÷ ‖smashed‖²
 */

import { ndarray, scalar, sizeOf, zeros } from '../src/arrays/ndarray.ts';
import { valueAndGrad } from '../src/autodiff/index.ts';
import { compile } from '../src/compile/compile.ts';
import { type Tensor, tf } from '../src/compile/tf.ts';
import type { NdArray, Tensors } from '../src/contracts/array.ts';
import type { Attack, AttackEntry, Knowledge, Reconstruction } from '../src/contracts/attack.ts';
import type { LayerNoise, Weights } from '../src/contracts/model.ts';
import type { Rng } from '../src/contracts/rng.ts';
import { applyLayers, drawNoise, initWeights } from '../src/models/network.ts';
import { adam, type OptimizerState } from '../src/models/optimizers.ts';

interface ${type}Options {
  readonly victims: number;
  readonly round: number;
  readonly iterations: number;
  readonly learningRate: number;
}

/** What it knows beside what it sees. \`knows\` below must list the same: another secret is a type error. */
type Secret = 'clientParams';

export const ${identifier}: AttackEntry = {
  name: '${name}',
  summary: 'move pixels until the client part makes of them the smashed data that were seen',
  options: {
    // Every attack has these two.
    victims: { type: 'integer', min: 1, default: 8, description: 'training images of client 0 that are attacked' },
    round: {
      type: 'integer',
      min: 1,
      infinite: true,
      default: Number.POSITIVE_INFINITY,
      description: 'smashed data of the weights before this round; .inf: of the trained model',
    },
    // These are its own.
    iterations: { type: 'integer', min: 1, default: 300, description: 'steps of Adam' },
    learningRate: { type: 'number', above: 0, default: 0.05, description: 'of Adam' },
  },
  sources: ['He, Zhang and Lee 2019, Algorithm 1, without total variation'],
  defaultView: () => 'main-server',
  views: ['main-server'],
  create: (options, view) => {
    if (view !== 'main-server') throw new RangeError(\`view must be main-server, but is "\${view}".\`);
    return attackWith(options as unknown as ${type}Options);
  },
};

function attackWith(options: ${type}Options): Attack<'main-server', Secret> {
  const { victims, round } = options;
  return {
    name: '${name}',
    threatModel: { view: 'main-server', conduct: 'honest-but-curious', knows: ['clientParams'] },
    probe: { round: Number.isFinite(round) ? round : 'end', victims, batch: 1, releases: 1, auxiliary: 0 },
    run: async (observations, knowledge, { rng, progress }) => {
      const search = pixelSearch(knowledge, options);
      const results: Reconstruction[] = [];
      for (const [index, { releases }] of observations.entries()) {
        const [release] = releases;
        if (!release) throw new RangeError(\`observation \${index} holds no release, but one is needed.\`);
        results.push(await search(release.smashed, rng.fork(\`victim-\${index}\`)));
        progress((index + 1) / observations.length);
      }
      return results;
    },
  };
}

interface StepInputs {
  readonly client: Weights;
  readonly noise: LayerNoise;
  readonly smashed: NdArray;
  /** \`[batch, height, width, channels]\` */
  readonly pixels: NdArray;
  readonly state: OptimizerState;
  readonly learningRate: NdArray;
}

type Search = (smashed: NdArray, rng: Rng) => Promise<Reconstruction>;

/** What is compiled here serves all victims: a graph a victim would fill the memory. */
function pixelSearch(knowledge: Knowledge<Secret>, options: ${type}Options): Search {
  const layers = knowledge.model.layers.slice(0, knowledge.cut);
  const optimizer = adam();
  const step = compile('pixel search', (inputs: Tensors<StepInputs>) => {
    const { client, noise, smashed, pixels, state, learningRate } = inputs;
    const mismatch = (x: Tensor) => {
      const { output } = applyLayers(layers, client, x, { noise, training: true });
      return tf.div(tf.sum(tf.square(tf.sub(output, smashed))), tf.maximum(tf.sum(tf.square(smashed)), 1e-12));
    };
    const { value, gradient } = valueAndGrad(mismatch, pixels);
    const next = optimizer.update(pixels, gradient, state, learningRate);
    return { objective: value, pixels: tf.clipByValue(next.params, 0, 1), state: next.state };
  });

  return async (smashed, rng) => {
    const fixed = { smashed, learningRate: scalar(options.learningRate), ...clientFor(knowledge, smashed, rng) };
    let pixels = randomPixels(knowledge, smashed, rng.fork('start'));
    let state = optimizer.init(pixels);
    let best = { images: pixels, objective: Number.POSITIVE_INFINITY };
    for (let i = 0; i < options.iterations; i += 1) {
      const next = await step({ ...fixed, pixels, state });
      const objective = next.objective.data[0] as number; // of the pixels before this step
      if (objective < best.objective) best = { images: pixels, objective };
      ({ pixels, state } = next);
    }
    return best;
  };
}

/** The client part as the attacker runs it. */
function clientFor({ model, cut, clientParams }: Knowledge<Secret>, smashed: NdArray, rng: Rng) {
  const layers = model.layers.slice(0, cut);
  // Running statistics, of batch normalization: none enters a training batch.
  const { state } = initWeights({ layers, inputShape: model.inputShape }, rng.fork('state'));
  const draws = drawNoise(layers, model.inputShape, batchOf(smashed), rng.fork('noise'), 'training');
  // A defense's draws are not known: 0 is their most likely value. attacks/matching/noise.ts does better.
  const noise = draws.map((draw, i) => (draw && layers[i]?.noiseAt === 'always' ? zeros(draw.shape) : draw));
  return { client: { params: clientParams, state }, noise };
}

function randomPixels({ model }: Knowledge<Secret>, smashed: NdArray, rng: Rng): NdArray {
  const shape = [batchOf(smashed), ...model.inputShape];
  return ndarray(shape, rng.uniform(sizeOf(shape)));
}

const batchOf = ({ shape: [batch = 0] }: NdArray): number => batch;
`;
