import { expect } from 'chai';
import { tf } from '../compile/tf.ts';
import type { Layer } from '../contracts/model.ts';
import { dense, relu } from './layers/index.ts';
import { noisy } from './noisy.ts';
import { normalized } from './normalized.ts';
import { requireOwnClaims, wrapLayer } from './wrap-layer.ts';

const doubled =
  (layer: Layer): Layer['apply'] =>
  (params, x, context) =>
    layer.apply(params, tf.mul(x, 2), context);

describe('wrapLayer', () => {
  it('keeps shapes and parameters, and drops what was claimed of the function', () => {
    const layer = dense({ units: 3 });
    const wrapped = wrapLayer(layer, { label: 'doubled', apply: doubled(layer) });
    expect(wrapped.outputShape([4])).to.deep.equal([3]);
    expect(wrapped.init).to.equal(layer.init);
    expect(wrapped).to.not.have.any.keys('sensitivity', 'sensitivityBetween', 'linear', 'squaredGradientNorms');
  });

  it('takes claims that are made anew', () => {
    const layer = relu();
    const wrapped = wrapLayer(layer, { label: 'doubled', apply: doubled(layer), sensitivity: () => 2 });
    expect(wrapped.sensitivity?.('l1', {})).to.equal(2);
    requireOwnClaims(layer, wrapped);
  });
});

describe('requireOwnClaims', () => {
  it('refuses another function under the old claims, as a spread leaves them', () => {
    const layer = relu();
    expect(() => requireOwnClaims(layer, { ...layer, apply: doubled(layer) })).to.throw(
      RangeError,
      /"relu" computes and keeps its sensitivity/,
    );
  });

  it('lets the project’s own wraps pass', () => {
    const layer = dense({ units: 3 });
    requireOwnClaims(layer, layer);
    requireOwnClaims(layer, normalized({ layer, inputShape: [4], pair: { from: 'l2', to: 'l2' } }));
    requireOwnClaims(layer, noisy(layer, { distribution: 'normal', scale: () => 1, gain: 2 }));
  });
});
