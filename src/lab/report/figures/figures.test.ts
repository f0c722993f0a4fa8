import { rmSync } from 'node:fs';
import { expect } from 'chai';
import { readResults } from '../../results/read.ts';
import { originOf } from '../origin.ts';
import { type Study, studyOf } from '../study.ts';
import { type MadeConfiguration, madeResults, threeDefenses } from '../testing/made-results.ts';
import { type TradeOff, tradeOffsOf } from '../trade-off.ts';
import { domainOf, logTicks } from './domain.ts';
import { epsilonSvg } from './epsilon.ts';
import { marksOf } from './marks.ts';
import { pdfOf } from './pdf.ts';
import { roundsSvg } from './rounds.ts';
import { textWidth } from './text-width.ts';
import { tradeOffSvg } from './trade-off.ts';

function studied(configurations: readonly MadeConfiguration[]): Study {
  const folder = madeResults(configurations);
  const study = studyOf(readResults(folder));
  rmSync(folder, { recursive: true });
  return study;
}

const study = studied(threeDefenses);
const origin = originOf(study.provenance, ['report', 'a <b>']);
const tradeOffOf = async (own: Study) => tradeOffsOf(own)[0] as TradeOff;

/** How many marks of a kind, as vega names them for readers. */
const count = (svg: string, role: RegExp) => (svg.match(role) ?? []).length;
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);

describe('figures', () => {
  it('draw the same bytes each time, in any order', async () => {
    const first = await tradeOffSvg(await tradeOffOf(study), study, origin);
    const rounds = await roundsSvg(study, origin);
    expect(await tradeOffSvg(await tradeOffOf(study), study, origin)).to.equal(first);
    expect(await roundsSvg(study, origin)).to.equal(rounds);
  });

  it('say what they show and where they come from', async () => {
    const svg = await tradeOffSvg(await tradeOffOf(study), study, origin);
    expect(svg).to.match(
      /^<svg[^>]*><title>Test accuracy against PSNR of inverse-network \(view main-server\)<\/title><desc>/,
    );
    expect(svg).to.contain(`Results by "cutlayer run 'made up.yaml'", commit abc123 (cutlayer 9.9.9)`);
    expect(svg).to.contain('drawn by "cutlayer report \'a &lt;b&gt;\'".</desc>');
  });

  it('name every configuration, the front and the control; and mark as hollow what is dominated', async () => {
    const poor: MadeConfiguration = {
      defenses: [{ name: 'dp-sgd' }],
      accuracy: [0.5, 0.51, 0.52],
      leakage: { psnr: [21, 22, 23] },
    };
    const own = studied([...threeDefenses, poor]);
    const svg = await tradeOffSvg(await tradeOffOf(own), own, origin);
    expect(texts(svg)).to.include.members([
      ...['none', 'pixeldp epsilon 2', 'pixeldp epsilon 1', 'dp-sgd (dominated)'],
      ...['Pareto front', 'guessing (control)', 'Leakage to inverse-network: PSNR (dB), less is better'],
    ]);
    expect(count(svg, /fill="white" stroke="#009E73"/g)).to.equal(2); // in the plot and in the legend
    expect(count(svg, /fill="#000000" stroke="#000000"/g)).to.equal(2);
  });

  it('draw intervals in both directions, and none of one seed', async () => {
    const bars = /<line[^>]*stroke="#0072B2"/g; // of the second configuration
    expect(count(await tradeOffSvg(await tradeOffOf(study), study, origin), bars)).to.equal(2);
    const single = studied(threeDefenses.map((made) => ({ ...made, accuracy: made.accuracy.slice(0, 1) })));
    expect(count(await tradeOffSvg(await tradeOffOf(single), single, origin), bars)).to.equal(0);
  });

  it('draw ε of channels by round where it is finite, and no picture where it is not', async () => {
    const svg = (await epsilonSvg(study, origin)) ?? '';
    expect(texts(svg)).to.include.members(['ε of the activation channel', 'pixeldp epsilon 2', 'pixeldp epsilon 1']);
    expect(texts(svg)).not.to.include('none').and.not.to.include('ε of the weights channel');
    expect(await epsilonSvg(studied(threeDefenses.slice(0, 1)), origin)).to.equal(undefined);
  });

  it('become PDF of the same size, with their letters embedded, the same bytes for the same date', async () => {
    const svg = await roundsSvg(study, origin);
    const [, width, height] = /viewBox="0 0 (\S+) (\S+)"/.exec(svg ?? '') ?? [];
    const pdf = Buffer.from(await pdfOf(svg ?? '', new Date('2020-02-03T04:05:06Z')));
    const text = pdf.toString('latin1');
    expect(text)
      .to.match(/^%PDF-/)
      .and.contain(`/MediaBox [0 0 ${width} ${height}]`)
      .and.contain('/FontFile2');
    expect(text).to.contain('Roboto-Regular').and.contain('D:20200203040506Z');
    expect(text).not.to.contain('/Subtype /Image');
    expect(pdf.equals(await pdfOf(svg ?? '', new Date('2020-02-03T04:05:06Z')))).to.equal(true);
    expect(pdf.equals(await pdfOf(svg ?? '', new Date('2020-02-03T04:05:07Z')))).to.equal(false);
  });

  it('tell 56 configurations apart', () => {
    const looks = Array.from({ length: 56 }, (_, index) => `${marksOf(index).color} ${marksOf(index).shape}`);
    expect(new Set(looks).size).to.equal(56);
  });

  it('choose ranges and ticks', () => {
    expect(domainOf([1, 2, undefined, Number.POSITIVE_INFINITY])).to.deep.equal([0.94, 2.06]);
    expect(domainOf([0.5, 1.5], [0, 1])[1]).to.be.closeTo(1.03, 1e-12); // what lies beyond 1 is cut off
    expect(domainOf([3])).to.deep.equal([2.85, 3.15]);
    expect(logTicks([0.4, 30])).to.deep.equal([0.5, 1, 2, 5, 10, 20]);
    expect(logTicks([0.01, 300])).to.deep.equal([0.01, 0.1, 1, 10, 100]);
  });

  it('estimate widths between Helvetica’s and a fifth more', () => {
    // Widths of its glyphs (Adobe's metrics, in thousandths): p 556 i 222 x 500 e 556 l 222 d 556 p 556.
    const helvetica = (556 + 222 + 500 + 556 + 222 + 556 + 556) / 1000;
    expect(textWidth('pixeldp', 100)).to.be.within(100 * helvetica, 135 * helvetica);
  });
});
