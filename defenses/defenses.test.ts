import { expect } from 'chai';
import { withDefaults } from '../attacks/testing/defaults.ts';
import { ndarray, sizeOf } from '../src/arrays/ndarray.ts';
import { seededRng } from '../src/arrays/rng.ts';
import { arraysOf } from '../src/arrays/tree.ts';
import { clippedGradientSum, type PerExampleInputs, perExampleGradients } from '../src/autodiff/index.ts';
import { compile } from '../src/compile/compile.ts';
import { type Tensor, tf } from '../src/compile/tf.ts';
import type { NdArray, Tensors } from '../src/contracts/array.ts';
import type { DefenseSite } from '../src/contracts/defense.ts';
import type { Layer, LayerArrays, LayerNoise, Weights } from '../src/contracts/model.ts';
import { optionSchema } from '../src/lab/config/option-schema.ts';
import { conv2d, dense, flatten, relu } from '../src/models/layers/index.ts';
import { drawNoise, initWeights, outputShapes } from '../src/models/network.ts';
import { requireOwnClaims } from '../src/models/wrap-layer.ts';
import { defenses } from './index.ts';

const inputShape = [6, 6, 1] as const;
const plain = [conv2d({ filters: 3, kernel: 3 }), relu(), flatten(), dense({ units: 4 })];
const cut = plain.length;
const site: DefenseSite = {
  ...{ cut, inputShape, batchSize: 4, delta: 1e-5 },
  clients: [{ examples: 40, steps: 20 }],
  averaging: { rounds: 2, participation: 1 },
  split: { passes: 2, classes: 3 },
};

for (const entry of defenses) {
  const defense = entry.create(withDefaults(entry), site);
  const layers = defense.protectLayers?.(plain) ?? plain;

  describe(`defense ${entry.name} keeps the contract`, () => {
    it('describes itself, and says what it claims', () => {
      expect(entry.name).to.match(/^[a-z]+(-[a-z]+)*$/);
      expect(entry.summary).to.match(/^[^\n]{20,120}$/);
      expect(entry.sources).to.not.have.lengthOf(0);
      expect(defense.name).to.equal(entry.name);
      expect(defense.reading).to.not.have.lengthOf(0);
    });

    it('has defaults that its own table allows', () => {
      for (const [name, spec] of Object.entries(entry.options)) {
        expect(spec.description, name).to.not.equal('');
        if (spec.default !== undefined) expect(optionSchema(spec).safeParse(spec.default).success, name).to.equal(true);
      }
    });

    it('wraps layers: their number, shapes and parameters stay', () => {
      expect(outputShapes(layers, inputShape)).to.deep.equal(outputShapes(plain, inputShape));
      const shapesOf = (list: readonly Layer[]) =>
        initWeights({ layers: list, inputShape }, seededRng(1)).params.map((own) =>
          Object.entries(own).map(([name, { shape }]) => [name, shape]),
        );
      expect(shapesOf(layers)).to.deep.equal(shapesOf(plain));
    });

    it('claims of a layer only what holds of the one it made', async () => {
      for (const [index, layer] of layers.entries()) {
        requireOwnClaims(plain[index] as Layer, layer);
        if (!layer.sensitivity) continue;
        for (const norm of ['l1', 'l2'] as const) {
          const { moved, bound } = await sensitivityOf(layer, index, norm);
          for (const distance of moved) expect(distance, `${layer.label}, ${norm}`).to.be.at.most(bound * (1 + 1e-4));
        }
      }
    });

    it('leaves the norms of per-example gradients right', async () => {
      const inputs = gradientInputs(layers);
      const { norms } = await compile('norms', (t: Tensors<GradientInputs>) =>
        clippedGradientSum({ layers, clipNorm: 1, mask: tf.ones([3]), ...t }),
      )(inputs);
      const oracle = await compile('one by one', (t: Tensors<GradientInputs>) =>
        perExampleGradients({ layers, ...t } as PerExampleInputs),
      )(inputs);
      for (const [i, gradient] of oracle.entries()) {
        const norm = Math.hypot(...arraysOf(gradient).flatMap(({ data }) => [...data]));
        expect(norms.data[i]).to.be.closeTo(norm, 1e-3 * norm);
      }
    });
  });
}

/** How far random pairs at distance 1 are moved by one layer, its noise switched off, and what it says they are at most. */
async function sensitivityOf(layer: Layer, index: number, norm: 'l1' | 'l2') {
  const pairs = 40;
  const rng = seededRng(9);
  const shape = index === 0 ? inputShape : (outputShapes(plain, inputShape)[index - 1] as readonly number[]);
  const { params, state } = layer.init(rng.fork('weights'), shape);
  const noise = drawNoise([layer], shape, pairs, rng.fork('noise'), 'training')[0];
  const silence = noise && ndarray(noise.shape, new Float32Array(noise.data.length));
  const x = ndarray([pairs, ...shape], rng.fork('x').uniform(pairs * sizeOf(shape)));
  const direction = ndarray(x.shape, rng.fork('direction').normal(x.data.length));
  const measured = await compile(
    'moved',
    (
      t: Tensors<{
        params: LayerArrays;
        state: LayerArrays;
        x: NdArray;
        direction: NdArray;
        noise: NdArray | undefined;
      }>,
    ) => {
      const sizes = (y: Tensor) => {
        const flat = tf.reshape(y, [pairs, -1]);
        return norm === 'l1' ? tf.sum(tf.abs(flat), 1) : tf.sqrt(tf.sum(tf.square(flat), 1));
      };
      const output = (at: Tensor) =>
        layer.apply(t.params, at, { state: t.state, noise: t.noise, training: false }).output;
      const there = tf.sub(output(tf.add(t.x, t.direction)), output(t.x));
      return {
        moved: tf.div(sizes(there), sizes(t.direction)),
        bound: tf.mul(1, layer.sensitivity?.(norm, t.params) ?? 0),
      };
    },
  )({ params, state, x, direction, noise: silence });
  return { moved: [...measured.moved.data], bound: measured.bound.data[0] as number };
}

interface GradientInputs {
  readonly weights: Weights;
  readonly x: NdArray;
  readonly outputGradient: NdArray;
  readonly noise: LayerNoise;
}

function gradientInputs(layers: readonly Layer[]): GradientInputs {
  const rng = seededRng(4);
  return {
    weights: initWeights({ layers, inputShape }, rng.fork('weights')),
    x: ndarray([3, ...inputShape], rng.uniform(3 * 36)),
    outputGradient: ndarray([3, 4], rng.normal(12)),
    noise: drawNoise(layers, inputShape, 3, rng.fork('noise'), 'training'),
  };
}
