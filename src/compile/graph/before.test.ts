import { expect } from 'chai';
import type { Shape } from '../../contracts/array.ts';
import { operatorsIn } from '../testing/operators.ts';
import { type Tensor, type Tensor2D, tf } from '../tf.ts';
import { trace } from './trace.ts';

type Body = (x: Tensor, seen: Tensor, alsoSeen: Tensor) => Tensor;

const shapes: readonly Shape[] = [
  [4, 6],
  [6, 4],
  [4, 6],
];

/** The operators of the graph of three lanes, and of what is computed before it where the last two inputs stay. */
function parts(body: Body, stays = [false, true, true]) {
  const lanes = { count: 3, differs: [true, true, true], stays };
  const model = trace({ functionName: 'parts', inputShapes: shapes, target: {}, lanes }, (inputs) => [
    body(...(inputs as [Tensor, Tensor, Tensor])),
  ]);
  return { inCalls: operatorsIn(model.bytes), before: model.before && operatorsIn(model.before.bytes), model };
}

const difference: Body = (x, seen) => tf.sub(tf.neg(x), tf.exp(tf.transpose(seen)));

describe('what is computed before the first call', () => {
  it('is what depends on inputs that stay alone, up to where others come in', () => {
    const { inCalls, before, model } = parts(difference);
    expect(before).to.deep.equal(['Exp', 'Transpose']);
    expect(inCalls).to.deep.equal(['Neg', 'Sub']);
    expect(model.needed.slice(0, 3)).to.deep.equal([true, false, false]);
    expect(model.before?.needed).to.deep.equal([false, true, false]);
  });

  it('is nothing where no input stays', () => {
    expect(parts(difference, [false, false, false]).before).to.equal(undefined);
  });

  it('is nothing where an input is used as it lies', () => {
    const { inCalls, before } = parts((x, seen) => tf.sub(x, tf.reshape(seen, [4, 6])));
    expect(before).to.equal(undefined);
    expect(inCalls).to.include('Reshape');
  });

  it('takes several results of several inputs, each once', () => {
    const { before, model } = parts((x, seen, also) => {
      const [norm, other] = [tf.sum(tf.square(seen)), tf.exp(also)];
      return tf.add(tf.mul(tf.mul(x, norm), other), tf.div(other, norm));
    });
    expect(before?.filter((op) => op === 'Exp')).to.have.length(1);
    expect(model.before?.results).to.have.length(3); // the norm, the other, and what is made of both alone
  });

  it('leaves an output that no other input has a part in to the graph itself', () => {
    const { inCalls, before } = parts((_, seen) => tf.neg(seen));
    expect(before).to.equal(undefined);
    expect(inCalls).to.deep.equal(['Neg']);
    const lanes = { count: 3, differs: [true, true, true], stays: [false, true, true] };
    const inputShapes = Array(3).fill([40, 40]); // too large to be packed with other outputs
    const shared = trace({ functionName: 'shared', inputShapes, target: {}, lanes }, ([x, seen]) => {
      const negative = tf.neg(seen as Tensor);
      return [negative, tf.add(x as Tensor, negative)];
    });
    expect(shared.before).to.equal(undefined);
    expect(operatorsIn(shared.bytes)).to.deep.equal(['Neg', 'Add']);
  });

  it('takes known numbers as it takes inputs that stay', () => {
    const fixed = () => tf.tensor2d([...Array(24).keys()], [4, 6]);
    const { before } = parts((x, seen) => tf.matMul(tf.matMul(x as Tensor2D, seen as Tensor2D), tf.exp(fixed())));
    expect(before).to.equal(undefined);
    const { before: product } = parts((x, seen) => tf.add(x, tf.matMul(fixed(), tf.matMul(seen as Tensor2D, fixed()))));
    expect(product).to.deep.equal(['MatMul', 'MatMul']);
  });
});
