import { expect } from 'chai';
import { zeros } from '../../src/arrays/ndarray.ts';
import { seededRng } from '../../src/arrays/rng.ts';
import { mapArrays } from '../../src/arrays/tree.ts';
import { randomArray } from '../../src/autodiff/testing/central-differences.ts';
import { compile } from '../../src/compile/compile.ts';
import type { NdArray, Shape, Tensors } from '../../src/contracts/array.ts';
import type { ImageShape } from '../../src/models/generators/index.ts';
import { type DecoderParams, decoder } from './decoder.ts';

interface Inputs {
  readonly params: DecoderParams;
  readonly smashed: NdArray;
}

const build = (smashedShape: Shape, imageShape: ImageShape) => {
  const network = decoder({ smashedShape, imageShape, hidden: 5, filters: 3 });
  const run = compile('decoder', ({ params, smashed }: Tensors<Inputs>) => network.apply(params, smashed));
  return { params: network.init(seededRng(1)), run };
};

describe('decoder', () => {
  const cuts: readonly (readonly [Shape, ImageShape])[] = [
    [
      [14, 14, 6],
      [28, 28, 1],
    ],
    [[1176], [28, 28, 1]],
    [[1], [28, 28, 1]],
    [
      [1, 1, 3],
      [28, 28, 1],
    ],
    [
      [10, 10, 16],
      [28, 28, 1],
    ], // 28 is no multiple of 10: cropped
    [
      [28, 28, 2],
      [28, 28, 1],
    ],
    [
      [8, 8, 12],
      [32, 32, 3],
    ],
    [
      [32, 32, 4],
      [32, 32, 3],
    ],
    [
      [3, 7, 2],
      [9, 13, 2],
    ],
    [
      [12, 12, 2],
      [8, 8, 1],
    ], // a client part that pads: larger than the image
  ];
  for (const [smashedShape, imageShape] of cuts) {
    it(`takes [${smashedShape}] to images of [${imageShape}]`, async () => {
      const { params, run } = build(smashedShape, imageShape);
      const [one, other] = await Promise.all(
        [1, 2].map((seed) => run({ params, smashed: randomArray([4, ...smashedShape], seed) })),
      );
      expect(one?.shape).to.deep.equal([4, ...imageShape]);
      for (const value of one?.data ?? []) expect(value).to.be.within(0, 1);
      expect(one?.data).to.not.deep.equal(other?.data); // not a constant
    });
  }

  it('keeps things in their places in its convolutional branch', async () => {
    const { params, run } = build([12, 12, 1], [24, 24, 1]);
    const [convolutional, dense] = params as readonly [DecoderParams[number], DecoderParams[number]];
    const onlyConvolutional = [convolutional, mapArrays(dense, ({ shape }) => zeros(shape))];
    const dark = zeros([1, 12, 12, 1]);
    const bright = { ...dark, data: dark.data.slice() };
    bright.data[2 * 12 + 3] = 1; // row 2, column 3
    const [without, withPoint] = [
      await run({ params: onlyConvolutional, smashed: dark }),
      await run({ params: onlyConvolutional, smashed: bright }),
    ];
    const changed = [...without.data.keys()].filter((i) => without.data[i] !== withPoint.data[i]);
    expect(changed).to.not.have.lengthOf(0);
    for (const i of changed) {
      // Two pixels a place, 2 + 1 + 1 places of the 5×5 and the two 3×3 convolutions around it.
      expect(Math.floor(i / 24)).to.be.within(0, 2 * (2 + 4) + 1);
      expect(i % 24).to.be.within(0, 2 * (3 + 4) + 1); // a reshape without the transpose scatters over all columns
    }
  });
});
