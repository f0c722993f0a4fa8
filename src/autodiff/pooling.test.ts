import { expect } from 'chai';
import { compile } from '../compile/compile.ts';
import { type EngineName, useEngine } from '../compile/engine.ts';
import { type Tensor, type Tensor4D, tf } from '../compile/tf.ts';
import type { NdArray, Shape } from '../contracts/array.ts';
import { grad, pullback } from './index.ts';
import { randomArray } from './testing/central-differences.ts';

type Geometry = readonly [size: number, stride: number, padding: 'same' | 'valid'];

const geometries: readonly Geometry[] = [
  [2, 2, 'valid'],
  [2, 2, 'same'],
  [3, 2, 'same'],
  [3, 2, 'valid'],
  [3, 1, 'same'],
];
const engines: readonly EngineName[] = ['cpu', 'onnx'];
const inputShape: Shape = [2, 7, 6, 2];

/** Whole numbers from 0 to 2: nearly every window has ties. */
const tied = (shape: Shape): NdArray => {
  const { data } = randomArray(shape, 3, [0, 3]);
  return { shape, data: data.map(Math.floor) };
};

const sum = ({ data }: NdArray): number => data.reduce((total, value) => total + value, 0);
const dot = (a: NdArray, b: NdArray): number =>
  a.data.reduce((total, value, i) => total + value * (b.data[i] as number), 0);

/** What each window's gradient goes to by the rule «the first largest, row by row», computed the plain way. */
function expectedGradient(x: NdArray, dy: NdArray, [size, stride, padding]: Geometry): Float32Array {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [, rows, columns] = dy.shape as [number, number, number];
  const before = (out: number, length: number) =>
    padding === 'valid' ? 0 : Math.floor(Math.max(0, (out - 1) * stride + size - length) / 2);
  const [top, left] = [before(rows, height), before(columns, width)];
  const at = (n: number, i: number, j: number, c: number) => ((n * height + i) * width + j) * channels + c;
  const dx = new Float32Array(x.data.length);
  dy.data.forEach((value, index) => {
    const c = index % channels;
    const [n, r, s] = [
      Math.floor(index / channels / columns / rows) % batch,
      Math.floor(index / channels / columns) % rows,
      Math.floor(index / channels) % columns,
    ];
    let best = -1;
    for (let i = Math.max(0, r * stride - top); i < Math.min(height, r * stride - top + size); i += 1) {
      for (let j = Math.max(0, s * stride - left); j < Math.min(width, s * stride - left + size); j += 1) {
        if (best < 0 || (x.data[at(n, i, j, c)] as number) > (x.data[best] as number)) best = at(n, i, j, c);
      }
    }
    dx[best] = (dx[best] as number) + value;
  });
  return dx;
}

for (const engine of engines) {
  describe(`max-pooling at ties on ${engine}`, () => {
    before(() => useEngine(engine));
    after(() => useEngine('onnx'));

    for (const geometry of geometries) {
      const [size, stride, padding] = geometry;
      const pool = (x: Tensor) => tf.maxPool(x as Tensor4D, size, stride, padding);
      const x = tied(inputShape);

      it(`${size}×${size} stride ${stride} ${padding}: the first largest entry takes the gradient, in both orders`, async () => {
        const shapes = compile('pool', (inputs: { x: Tensor }) => pool(inputs.x));
        const { shape } = await shapes({ x });
        const dy = randomArray(shape, 5);
        const ddx = randomArray(inputShape, 6);
        const f = compile('ties', (inputs: { x: Tensor; dy: Tensor; ddx: Tensor }) => {
          const back = (d: Tensor) => pullback(pool, inputs.x, d).gradient;
          return { dx: back(inputs.dy), ddy: grad((d) => tf.sum(tf.mul(back(d), inputs.ddx)), inputs.dy) };
        });
        const { dx, ddy } = await f({ x, dy, ddx });
        const expected = { shape: inputShape, data: expectedGradient(x, dy, geometry) };
        for (const [index, value] of dx.data.entries()) {
          expect(value).to.be.closeTo(expected.data[index] as number, 1e-5);
        }
        expect(sum(dx)).to.be.closeTo(sum(dy), 1e-4);
        // The second derivative is the adjoint of the first: ⟨ddx, J dy⟩ = ⟨Jᵀ ddx, dy⟩ for every dy.
        expect(dot(ddy, dy)).to.be.closeTo(dot(ddx, expected), 1e-4);
      });
    }
  });
}
