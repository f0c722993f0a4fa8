import { expect } from 'chai';
import { ndarray, scalar } from '../arrays/ndarray.ts';
import { compile } from '../compile/compile.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { NdArray, Tensors } from '../contracts/array.ts';
import { adam, momentum, type Optimizer, type OptimizerState, rmsprop, sgd } from './optimizers.ts';

interface Params {
  readonly layers: readonly { readonly w: NdArray }[];
  readonly b: NdArray;
}

const start: Params = { layers: [{ w: ndarray([2], [1, -2]) }], b: scalar(0.5) };
const gradients: readonly number[][] = [
  [0.3, -0.7, 2],
  [-0.1, -0.2, 1],
  [0.4, 0.9, -3],
  [0.2, 0, 1e-3],
];

const asParams = ([a, b, c]: readonly number[]): Params => ({
  layers: [{ w: ndarray([2], [a as number, b as number]) }],
  b: scalar(c as number),
});
const values = ({ layers, b }: Params): number[] => [...(layers[0]?.w.data ?? []), ...b.data];

async function train(optimizer: Optimizer, learningRate: number): Promise<number[]> {
  interface Inputs {
    readonly params: Params;
    readonly gradient: Params;
    readonly state: OptimizerState;
    readonly rate: NdArray;
  }
  const step = compile(optimizer.name, ({ params, gradient, state, rate }: Tensors<Inputs>) =>
    optimizer.update(params, gradient, state, rate),
  );
  let params = start;
  let state = optimizer.init(params);
  for (const gradient of gradients) {
    const next = await step({ params, gradient: asParams(gradient), state, rate: scalar(learningRate) });
    params = next.params;
    state = next.state;
  }
  return values(params);
}

/** Runs the textbook rule on each number alone, in float64. */
function textbook(rule: () => (g: number, t: number) => number, learningRate: number): number[] {
  return values(start).map((w, index) => {
    const step = rule();
    return gradients.reduce((x, gradient, t) => x - learningRate * step(gradient[index] as number, t + 1), w);
  });
}

const rules: Record<string, { optimizer: Optimizer; rate: number; rule: () => (g: number, t: number) => number }> = {
  sgd: { optimizer: sgd(), rate: 0.1, rule: () => (g) => g },
  'momentum 0.9': {
    optimizer: momentum(),
    rate: 0.1,
    rule: () => {
      let v = 0;
      return (g) => (v = 0.9 * v + g);
    },
  },
  adam: {
    optimizer: adam(),
    rate: 0.01,
    rule: () => {
      let [m, v] = [0, 0];
      return (g, t) => {
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        return m / (1 - 0.9 ** t) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8);
      };
    },
  },
  'rmsprop with momentum': {
    optimizer: rmsprop({ decay: 0.9, momentum: 0.5 }),
    rate: 0.01,
    rule: () => {
      let [s, v] = [0, 0];
      return (g) => {
        s = 0.9 * s + 0.1 * g * g;
        v = 0.5 * v + g / (Math.sqrt(s) + 1e-8);
        return v;
      };
    },
  },
};

describe('the optimizers', () => {
  for (const [name, { optimizer, rate, rule }] of Object.entries(rules)) {
    it(`${name}: four steps are those of the textbook`, async () => {
      const expected = textbook(rule, rate);
      for (const [index, value] of (await train(optimizer, rate)).entries()) {
        expect(value).to.be.closeTo(expected[index] as number, 2e-6);
      }
    });
  }

  it('adam: the first step is the learning rate, whatever the size of the gradient', async () => {
    const optimizer = adam();
    const first = compile('first step', ({ w, g, state }: Tensors<{ w: NdArray; g: NdArray; state: OptimizerState }>) =>
      optimizer.update(w, g, state, tf.scalar(0.25)),
    );
    const w = ndarray([3], [0, 0, 0]);
    const { params } = await first({ w, g: ndarray([3], [1e-3, -5, 2e4]), state: optimizer.init(w) });
    const expected = [-0.25, 0.25, -0.25];
    for (const [index, value] of params.data.entries()) expect(value).to.be.closeTo(expected[index] as number, 1e-5);
  });

  it('keep one average for every array, in one structure', () => {
    const { moments, counts } = adam().init(start);
    expect(moments.map((average) => average.map(({ shape }) => shape))).to.eql([
      [[2], []],
      [[2], []],
    ]);
    expect(counts).to.have.length(2);
    expect(sgd().init(start)).to.eql({ moments: [], counts: [] });
  });

  it('take parameters without arrays', async () => {
    const optimizer = adam();
    const state = optimizer.init([{}]);
    const step = compile('nothing', (inputs: Tensors<{ state: OptimizerState }>) =>
      optimizer.update<readonly Record<string, Tensor>[]>([{}], [{}], inputs.state, tf.scalar(1)),
    );
    expect((await step({ state })).params).to.eql([{}]);
  });
});
