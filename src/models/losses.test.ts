import { expect } from 'chai';
import { ndarray } from '../arrays/ndarray.ts';
import { checkDerivatives, randomArray } from '../autodiff/testing/central-differences.ts';
import { compile } from '../compile/compile.ts';
import { type EngineName, useEngine } from '../compile/engine.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import { crossEntropy, logSoftmax, meanCrossEntropy, meanSquaredError, softmax, squaredError } from './losses.ts';

type Pair = { readonly a: Tensor; readonly b: Tensor };

const engines: readonly EngineName[] = ['cpu', 'onnx'];
const at = { a: randomArray([4, 5], 1, [-2, 2]), b: randomArray([4, 5], 2, [-2, 2]) };

/** Scalars of two inputs, both of which are differentiated. */
const losses: Record<string, (inputs: Pair) => Tensor> = {
  'cross entropy of logits a and soft labels b': ({ a, b }) => tf.sum(tf.square(crossEntropy(a, softmax(b)))),
  'mean cross entropy': ({ a, b }) => meanCrossEntropy(a, softmax(b)),
  'log-softmax': ({ a, b }) => tf.sum(tf.mul(tf.square(logSoftmax(a)), b)),
  'squared error': ({ a, b }) => tf.sum(tf.square(squaredError(a, b))),
  'mean squared error': ({ a, b }) => meanSquaredError(tf.tanh(a), b),
};

for (const engine of engines) {
  describe(`the losses on ${engine}`, () => {
    before(() => useEngine(engine));
    after(() => useEngine('onnx'));

    for (const [name, loss] of Object.entries(losses)) {
      it(`${name}: first and second derivative`, async () => {
        const { first, second } = await checkDerivatives(name, (inputs) => loss(inputs as Pair), at, 2e-2);
        expect(first.gradient).to.be.closeTo(first.difference, 1e-3 * Math.max(1, Math.abs(first.difference)));
        expect(second.gradient).to.be.closeTo(second.difference, 1e-3 * Math.max(1, Math.abs(second.difference)));
      });
    }

    it('cross entropy is −Σ y ln softmax, one value an example, and withstands huge logits', async () => {
      const f = compile('cross entropy', ({ logits, y }: { logits: Tensor; y: Tensor }) => crossEntropy(logits, y));
      const logits = ndarray([3, 2], [0, Math.log(3), 1000, 0, -1000, 0]);
      const y = ndarray([3, 2], [0.5, 0.5, 0, 1, 0, 1]);
      const { shape, data } = await f({ logits, y });
      expect(shape).to.eql([3]);
      expect(data[0]).to.be.closeTo(-0.5 * Math.log(1 / 4) - 0.5 * Math.log(3 / 4), 1e-6);
      expect([...data.subarray(1)].map(Math.abs)).to.eql([1000, 0]);
    });

    it('softmax of equal logits is uniform, of any size', async () => {
      const f = compile('softmax', ({ logits }: { logits: Tensor }) => softmax(logits));
      expect([...(await f({ logits: ndarray([1, 4], [900, 900, 900, 900]) })).data]).to.eql([0.25, 0.25, 0.25, 0.25]);
    });
  });
}
