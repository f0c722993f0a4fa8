import { expect } from 'chai';
import { ndarray } from '../arrays/ndarray.ts';
import { inQuickOrder, valueAndGrad } from '../autodiff/index.ts';
import { compile } from '../compile/compile.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { Layer } from '../contracts/model.ts';
import { conv2d, flatten, maxPool, relu, sigmoid } from './layers/index.ts';
import { wrapLayer } from './wrap-layer.ts';

const names = (layers: readonly Layer[]) => inQuickOrder(layers).map(({ name }) => name);

describe('inQuickOrder', () => {
  it('takes a maximum before the rectifier that it follows, and moves nothing else', () => {
    expect(names([conv2d({ filters: 2, kernel: 3 }), relu(), maxPool(), flatten()])).to.deep.equal([
      'conv2d',
      'max-pool',
      'relu',
      'flatten',
    ]);
    for (const layers of [[relu(), flatten()], [sigmoid(), maxPool()], [maxPool(), relu()], []]) {
      expect(inQuickOrder(layers)).to.deep.equal(layers);
    }
  });

  it('leaves layers alone that were given another function, or noise', () => {
    const pool = maxPool();
    const doubled = wrapLayer(pool, {
      label: 'doubled',
      apply: (params, x, context) => pool.apply(params, tf.mul(x, 2), context),
    });
    const spread = { ...relu(), apply: doubled.apply };
    const noised: Layer = { ...relu(), noise: (shape) => ({ distribution: 'normal', shape }), noiseAt: 'always' };
    for (const layers of [
      [relu(), doubled],
      [spread, pool],
      [noised, pool],
    ]) {
      expect(inQuickOrder(layers)).to.deep.equal(layers);
    }
  });

  for (const pool of [maxPool(), maxPool({ size: 3, stride: 2, padding: 'same' }), maxPool({ size: 2, stride: 1 })]) {
    it(`changes neither values nor gradients of any order, to the bit: ${pool.label}`, async () => {
      // Windows with ties, with no positive value, and with 0 as the largest.
      const x = ndarray(
        [1, 6, 6, 2],
        Float32Array.from({ length: 72 }, (_, i) => ((i * 7) % 5) - 3 + (i > 40 ? 1 : 0)),
      );
      const apply = (layers: readonly Layer[], input: Tensor) =>
        layers.reduce((y, layer) => layer.apply({}, y, { state: {}, noise: undefined, training: true }).output, input);
      const derived = (layers: readonly Layer[]) =>
        compile('pooled', (input: Tensor) =>
          valueAndGrad((own: Tensor) => {
            const inner = (seen: Tensor) => tf.sum(tf.pow(apply(layers, seen), 3));
            return tf.sum(tf.square(valueAndGrad(inner, own).gradient));
          }, input),
        )(x);
      const [given, quick] = await Promise.all([[relu(), pool], inQuickOrder([relu(), pool])].map(derived));
      expect(quick).to.deep.equal(given);
    });
  }
});
