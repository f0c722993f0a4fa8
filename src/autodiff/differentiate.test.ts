import { expect } from 'chai';
import { ndarray, scalar } from '../arrays/ndarray.ts';
import { compile } from '../compile/compile.ts';
import { type EngineName, useEngine } from '../compile/engine.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import { grad, pullback, stopGradient, valueAndGrad, withoutGradient } from './index.ts';

const engines: readonly EngineName[] = ['cpu', 'onnx'];

for (const engine of engines) {
  describe(`valueAndGrad on ${engine}`, () => {
    before(() => useEngine(engine));
    after(() => useEngine('onnx'));

    it('gives value, gradient and further results in the structure of the parameters', async () => {
      const f = compile('value and gradient', (params: { layers: { w: Tensor }[]; b: Tensor }) =>
        valueAndGrad(({ layers, b }) => {
          const outputs = layers.map(({ w }) => tf.mul(w, b));
          return { value: tf.sum(tf.concat(outputs)), aux: { outputs } };
        }, params),
      );
      const w = (values: number[]) => ({ w: ndarray([2], values) });
      const { value, gradient, aux } = await f({ layers: [w([1, 2]), w([3, 4])], b: scalar(10) });
      expect([...value.data]).to.eql([100]);
      expect(gradient.layers.map((layer) => [...layer.w.data])).to.eql([
        [10, 10],
        [10, 10],
      ]);
      expect([...gradient.b.data]).to.eql([10]);
      expect(aux.outputs.map(({ data }) => [...data])).to.eql([
        [10, 20],
        [30, 40],
      ]);
    });

    it('gives zeros to parameters that the loss does not use', async () => {
      const f = compile('unused', (params: { used: Tensor; unused: Tensor }) =>
        grad(({ used }) => tf.sum(used), params),
      );
      const { used, unused } = await f({ used: ndarray([2], [5, 6]), unused: ndarray([1, 2], [7, 8]) });
      expect([...used.data]).to.eql([1, 1]);
      expect(unused.shape).to.eql([1, 2]);
      expect([...unused.data]).to.eql([0, 0]);
    });

    it('gives zeros all over where the loss uses no parameter', async () => {
      const f = compile('constant', ({ w, c }: { w: Tensor; c: Tensor }) => valueAndGrad(() => tf.sum(c), { w }));
      const { value, gradient } = await f({ w: ndarray([2], [1, 2]), c: ndarray([2], [3, 4]) });
      expect([...value.data, ...gradient.w.data]).to.eql([7, 0, 0]);
    });

    it('takes parameters without any array', async () => {
      const f = compile('empty', ({ x }: { x: Tensor }) => valueAndGrad(() => tf.sum(x), { params: [{}, {}] }));
      const { value, gradient } = await f({ x: ndarray([2], [3, 4]) });
      expect([...value.data]).to.eql([7]);
      expect(gradient).to.eql({ params: [{}, {}] });
    });

    it('treats a tensor that it is handed twice as two variables, and one that is captured as a constant', async () => {
      const f = compile('twice', ({ w }: { w: Tensor }) => ({
        twice: grad(({ a, b }) => tf.sum(tf.mul(a, tf.square(b))), { a: w, b: w }),
        captured: grad((v) => tf.sum(tf.mul(v, w)), w),
      }));
      const { twice, captured } = await f({ w: scalar(3) });
      expect([...twice.a.data, ...twice.b.data]).to.eql([9, 18]);
      expect([...captured.data]).to.eql([3]);
    });

    it('differentiates gradients: the third derivative of x⁴ is 24 x', async () => {
      const fourth = (x: Tensor) => tf.square(tf.square(x));
      const third = (x: Tensor) => grad((a) => grad((b) => grad(fourth, b), a), x);
      const f = compile('third derivative', ({ x }: { x: Tensor }) => third(x));
      expect((await f({ x: scalar(2) })).data[0]).to.be.closeTo(48, 1e-4);
    });

    it('lets gradients flow through further results into an outer loss', async () => {
      // outer(x) = aux(x) · inner′(x) with aux = x³ and inner = x², so 2x⁴ and its derivative 8x³.
      const f = compile('aux', ({ x }: { x: Tensor }) =>
        grad((outer) => {
          const { gradient, aux } = valueAndGrad((v) => ({ value: tf.square(v), aux: tf.pow(v, 3) }), outer);
          return tf.mul(gradient, aux);
        }, x),
      );
      // Here aux is a function of the inner copy of x, which the tape connects with the outer one.
      expect((await f({ x: scalar(2) })).data[0]).to.be.closeTo(64, 1e-3);
    });

    it('pulls back along any output', async () => {
      const f = compile('pullback', ({ w, x, dy }: { w: Tensor; x: Tensor; dy: Tensor }) =>
        pullback((v) => tf.matMul(x, v), w, dy),
      );
      const { value, gradient } = await f({
        x: ndarray([1, 2], [1, 2]),
        w: ndarray([2, 2], [1, 2, 3, 4]),
        dy: ndarray([1, 2], [10, 100]),
      });
      expect([...value.data]).to.eql([7, 10]);
      expect([...gradient.data]).to.eql([10, 100, 20, 200]);
    });

    it('holds constants constant', async () => {
      const f = compile('constants', ({ x }: { x: Tensor }) =>
        grad((v) => {
          const mask = withoutGradient(() => tf.square(v));
          return tf.add(tf.mul(stopGradient(v), v), tf.mul(mask, v));
        }, x),
      );
      expect([...(await f({ x: scalar(3) })).data]).to.eql([12]); // 3 + 9
    });

    it('gives 0 and not NaN where a root or a norm is 0, to the second order', async () => {
      const f = compile('roots', ({ x }: { x: Tensor }) => {
        const norm = (v: Tensor) => tf.sqrt(tf.sum(tf.square(v)));
        const first = grad(norm, x);
        return {
          first,
          second: grad((v) => tf.sum(tf.square(grad(norm, v))), x),
          sign: grad((v) => tf.sum(tf.abs(v)), x),
        };
      });
      const { first, second, sign } = await f({ x: ndarray([2], [0, 0]) });
      expect([...first.data, ...second.data, ...sign.data].map((value) => value + 0)).to.eql([0, 0, 0, 0, 0, 0]);
    });

    it('divides the gradient of an extremum among equals', async () => {
      const f = compile('ties', ({ x }: { x: Tensor }) => ({
        max: grad((v) => tf.max(v), x),
        min: grad((v) => tf.min(v), x),
        pairwise: grad(({ a, b }) => tf.sum(tf.maximum(a, b)), { a: x, b: x }),
      }));
      const { max, min, pairwise } = await f({ x: ndarray([4], [2, 1, 2, 1]) });
      expect([...max.data]).to.eql([0.5, 0, 0.5, 0]);
      expect([...min.data]).to.eql([0, 0.5, 0, 0.5]);
      expect([...pairwise.a.data, ...pairwise.b.data]).to.eql([1, 1, 1, 1, 0, 0, 0, 0]);
    });
  });
}

describe('valueAndGrad', () => {
  before(() => tf.setBackend('cpu'));

  it('refuses a loss that is not a scalar and states its shape', () => {
    const x = tf.tensor1d([1, 2]);
    expect(() => valueAndGrad((v) => v, x)).to.throw(RangeError, 'a loss must be a scalar, but has shape [2].');
  });
});
