import { expect } from 'chai';
import { latticeFactor, latticeStep } from '../arrays/lattice.ts';
import { ndarray, zeros } from '../arrays/ndarray.ts';
import { secureRng, seededRng } from '../arrays/rng.ts';
import { grad } from '../autodiff/index.ts';
import { compile } from '../compile/compile.ts';
import { tf } from '../compile/tf.ts';
import type { NdArray, Tensors } from '../contracts/array.ts';
import { relu } from './layers/index.ts';
import { type LayerNoiseRule, noisy } from './noisy.ts';

const rule: LayerNoiseRule = { distribution: 'normal', scale: () => 0.37, gain: 1 };
const secure: LayerNoiseRule = { ...rule, secure: { multiplier: 2, norm: 'l2' } };

function released(own: LayerNoiseRule) {
  const layer = noisy(relu(), own);
  return compile(
    'released',
    ({ x, noise }: Tensors<{ x: NdArray; noise: NdArray }>) =>
      layer.apply({}, x, { state: {}, noise, training: true }).output,
  );
}

describe('noisy', () => {
  const x = ndarray([50, 8], seededRng(3).uniform(400, 0, 2));

  it('adds scale · draws, then the gain', async () => {
    const noise = ndarray([50, 8], seededRng(4).normal(400));
    const output = await released({ ...rule, gain: 3 })({ x, noise });
    output.data.forEach((value, i) => {
      expect(value).to.be.closeTo(3 * ((x.data[i] as number) + 0.37 * (noise.data[i] as number)), 1e-5);
    });
  });

  it('under secure noise releases multiples of one number only, whatever the input', async () => {
    const unit = Math.fround(0.37 * latticeFactor(2, 'l2', 8));
    const noise = ndarray([50, 8], secureRng().normal(400));
    const multiples = async (own: LayerNoiseRule) => {
      const { data } = await released(own)({ x, noise });
      return data.every((value) => {
        const nearest = Math.round(value / (unit * latticeStep));
        return Math.fround(Math.fround(nearest * latticeStep) * unit) === value;
      });
    };
    expect(await multiples(secure)).to.equal(true);
    expect(await multiples(rule)).to.equal(false); // what plain addition releases tells of x’s last bits
  });

  it('moves a value by no more than half a step of the scale, and hands its gradient on', async () => {
    const silent = { x, noise: zeros([50, 8]) };
    const scale = 0.37 * latticeFactor(2, 'l2', 8);
    const rounded = await released(secure)(silent);
    rounded.data.forEach((value, i) => {
      expect(Math.abs(value - (x.data[i] as number))).to.be.at.most(scale * latticeStep * 0.5 + 3e-7);
    });
    const layer = noisy(relu(), secure);
    const slope = compile('slope', (inputs: Tensors<typeof silent>) =>
      grad(
        (input) => tf.sum(tf.square(layer.apply({}, input, { state: {}, noise: inputs.noise, training: true }).output)),
        inputs.x,
      ),
    );
    (await slope(silent)).data.forEach((value, i) => {
      expect(value).to.be.closeTo(2 * (x.data[i] as number), 1e-4); // 0 if rounding had its own gradient
    });
  });

  it('refuses a second noise on one layer', () => {
    expect(() => noisy(noisy(relu(), rule), rule)).to.throw(RangeError, /draws its own/);
  });
});
