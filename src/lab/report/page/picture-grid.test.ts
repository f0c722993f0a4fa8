import { expect } from 'chai';
import fc from 'fast-check';
import { decode, encode } from 'fast-png';
import { galleryPng } from '../../pictures.ts';
import { picturePairs } from './picture-grid.ts';

const sizeOf = (png: Uint8Array) => [decode(png).width, decode(png).height];
const pixels = (png: Uint8Array) => [...decode(png).data];

describe('picturePairs', () => {
  it('gives back the bytes of each image that galleryPng painted', () => {
    const galleries = fc
      .record({
        height: fc.integer({ min: 1, max: 5 }),
        width: fc.integer({ min: 1, max: 5 }),
        channels: fc.constantFrom(1, 3),
        count: fc.integer({ min: 1, max: 4 }),
      })
      .chain(({ height, width, channels, count }) => {
        const size = height * width * channels;
        const picture = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: size, maxLength: size });
        const row = fc.array(picture, { minLength: count, maxLength: count });
        return fc.record({
          shape: fc.constant([height, width, channels] as const),
          originals: row,
          reconstructions: row,
        });
      });
    fc.assert(
      fc.property(galleries, ({ shape, originals, reconstructions }) => {
        const scaled = (row: number[][]) => row.map((picture) => picture.map((value) => value / 255));
        const png = galleryPng({ shape, originals: scaled(originals), reconstructions: scaled(reconstructions) });
        const pairs = picturePairs(png);
        expect(pairs?.originals.map(pixels)).to.deep.equal(originals);
        expect(pairs?.originals.map(sizeOf)).to.deep.equal(originals.map(() => [shape[1], shape[0]]));
        expect(pairs?.reconstructions.map(pixels)).to.deep.equal(reconstructions);
      }),
      { numRuns: 50 },
    );
  });

  it('does not guess the width of images that are not square', () => {
    const png = galleryPng({
      shape: [3, 2, 1],
      originals: [[0, 0, 0, 0, 0, 0]],
      reconstructions: [[1, 1, 1, 1, 1, 1]],
    });
    const { text: _, ...silent } = decode(png);
    expect(picturePairs(encode(silent as Parameters<typeof encode>[0]))).to.equal(undefined);
  });
});
