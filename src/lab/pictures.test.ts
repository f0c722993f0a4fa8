import { expect } from 'chai';
import { decode } from 'fast-png';
import { galleryPng } from './pictures.ts';
import { terminalBand } from './terminal-pictures.ts';

const gallery = {
  shape: [2, 3, 1] as const,
  originals: [
    [0, 0.5, 1, 1, 1, 1],
    [0, 0, 0, 0, 0, 0],
  ],
  reconstructions: [
    [1, 1, 1, 0, 0, 0],
    [2, -1, 0, 0, 0, 0],
  ],
};

describe('galleryPng', () => {
  it('puts originals above reconstructions, with a line between, the same bytes each time', () => {
    const png = galleryPng(gallery, 2);
    const { width, height, channels, data } = decode(png);
    expect([width, height, channels]).to.deep.equal([2 * (3 * 2 + 1) + 1, 2 * (2 * 2 + 1) + 1, 1]);
    const pixel = (x: number, y: number) => data[y * width + x];
    expect([pixel(0, 0), pixel(1, 1), pixel(2, 2), pixel(3, 1), pixel(5, 1)]).to.deep.equal([255, 0, 0, 128, 255]);
    expect([pixel(1, 6), pixel(8, 6), pixel(10, 6)]).to.deep.equal([255, 255, 0]); // clipped to [0, 1]
    expect(galleryPng(gallery, 2)).to.deep.equal(png);
  });

  it('takes colours', () => {
    const red = { shape: [1, 1, 3] as const, originals: [[1, 0, 0]], reconstructions: [[0, 0, 1]] };
    const { channels, data, width } = decode(galleryPng(red, 1));
    expect(channels).to.equal(3);
    expect([...data.subarray((width + 1) * 3, (width + 2) * 3)]).to.deep.equal([255, 0, 0]);
  });
});

describe('terminalBand', () => {
  const { shape, originals, reconstructions } = gallery;

  it('draws shades without colours, as many pictures as fit', () => {
    expect(terminalBand(originals, shape, { color: false, columns: 4 })).to.equal('+#@');
    expect(terminalBand(reconstructions, shape, { color: false, columns: 80 })).to.equal('+++  +');
  });

  it('draws half blocks in gray where colours may be used', () => {
    const drawn = terminalBand(originals, shape, { color: true, columns: 80 });
    expect(drawn).to.contain('\u001b[38;5;232;48;5;255m▀');
    expect(drawn).to.contain('\u001b[0m');
  });

  it('halves large pictures, an odd edge included', () => {
    const wide = Array.from({ length: 2 * 17 }, (_, i) => (i % 17 === 16 ? 1 : 0)); // 2 rows, the last column white
    expect(terminalBand([wide], [2, 17, 1], { color: false, columns: 80 })).to.equal('        +'); // half: the row below is none
  });
});
