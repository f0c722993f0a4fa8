import { expect } from 'chai';
import fc from 'fast-check';
import type { NdArray } from '../../contracts/array.ts';
import { compile } from '../compile.ts';
import { useEngine } from '../engine.ts';
import { expectParity, numbers } from '../testing/parity.ts';
import { type Tensor, type Tensor4D, tf } from '../tf.ts';

const sizes = fc.constantFrom<[number, number][]>([8, 12], [5, 3], [4, 6], [7, 7], [2, 2], [1, 1]);
const kinds = [
  { alignCorners: false, halfPixelCenters: false },
  { alignCorners: true, halfPixelCenters: false },
  { alignCorners: false, halfPixelCenters: true },
];

const dot = (a: NdArray, b: NdArray) =>
  a.data.reduce((sum, value, index) => sum + value * (b.data[index] as number), 0);

/** TensorFlow.js's own kernels err in gradients of batches and of oblong images, so these are checked by ⟨Ax, y⟩ = ⟨x, Aᵀy⟩. */
async function expectAdjoint(resize: (x: Tensor) => Tensor, gradientKernel: string, attributes: object): Promise<void> {
  const adjoint = compile('adjoint', ({ x, y }: { x: Tensor; y: Tensor }) => ({
    resized: resize(x),
    back: tf.engine().runKernel(gradientKernel, { images: x, dy: y }, attributes as never) as Tensor,
  }));
  await useEngine('onnx');
  const x = numbers([2, 4, 6, 3]);
  const { size } = attributes as { size: [number, number] };
  const y = numbers([2, ...size, 3], { seed: 2 });
  const { resized, back } = await adjoint({ x, y });
  expect(dot(resized, y)).to.be.closeTo(dot(x, back), 1e-3);
}

describe('lowerings of resizing', () => {
  for (const { alignCorners, halfPixelCenters } of kinds) {
    const title = `alignCorners ${alignCorners}, halfPixelCenters ${halfPixelCenters}`;
    it(`nearest, ${title}: values, and a gradient that is adjoint`, () =>
      fc.assert(
        fc.asyncProperty(sizes, async (size) => {
          const resize = (x: Tensor) =>
            tf.image.resizeNearestNeighbor(x as Tensor4D, size, alignCorners, halfPixelCenters);
          await expectParity(resize, [numbers([2, 4, 6, 3])], { valuesOnly: true });
          await expectAdjoint(resize, 'ResizeNearestNeighborGrad', { size, alignCorners, halfPixelCenters });
        }),
        { numRuns: 6 },
      ));

    it(`bilinear, ${title}: values, and a gradient that is adjoint`, () =>
      fc.assert(
        fc.asyncProperty(sizes, async (size) => {
          const resize = (x: Tensor) => tf.image.resizeBilinear(x as Tensor4D, size, alignCorners, halfPixelCenters);
          await expectParity(resize, [numbers([2, 4, 6, 3])], { valuesOnly: true });
          await expectAdjoint(resize, 'ResizeBilinearGrad', { size, alignCorners, halfPixelCenters });
        }),
        { numRuns: 6 },
      ));
  }

  it('gradients as TensorFlow.js gives them for one square image', () =>
    expectParity(
      (x) => [tf.image.resizeNearestNeighbor(x as Tensor4D, [10, 10]), tf.image.resizeBilinear(x as Tensor4D, [7, 7])],
      [numbers([1, 5, 5, 3])],
    ));
});
