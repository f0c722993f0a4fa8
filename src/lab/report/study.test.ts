import { rmSync } from 'node:fs';
import { expect } from 'chai';
import { readResults } from '../results/read.ts';
import { bestOf, compareAccuracy, compareLeakage, comparisonRows } from './comparisons.ts';
import { estimateOf } from './estimate.ts';
import { type Study, studyOf } from './study.ts';
import { type MadeConfiguration, madeResults, noise, threeDefenses } from './testing/made-results.ts';
import { frontOf, paretoRows, tradeOffsOf } from './trade-off.ts';

function studied(configurations: readonly MadeConfiguration[]): Study {
  const folder = madeResults(configurations);
  try {
    return studyOf(readResults(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [undefended, weak, strong] = threeDefenses as [MadeConfiguration, MadeConfiguration, MadeConfiguration];

describe('studyOf', () => {
  it('puts seeds together, and keeps planned configurations of which none is finished', () => {
    const none = { defenses: [noise(0.5)], accuracy: [undefined, undefined] };
    const { configurations, missing, attacks } = studied([
      undefended,
      { ...weak, accuracy: [0.8, undefined, 0.82] },
      none,
    ]);
    expect(configurations.map(({ label }) => label)).to.deep.equal([
      'none',
      'pixeldp epsilon 2',
      'pixeldp epsilon 0.5',
    ]);
    expect(configurations.map(({ accuracy, runIds }) => [accuracy.size, runIds.size])).to.deep.equal([
      [3, 3],
      [2, 3],
      [0, 2],
    ]);
    expect([...(configurations[1]?.accuracy ?? [])]).to.deep.equal([
      [1, 0.8],
      [3, 0.82],
    ]);
    expect(missing.map(({ seed, configuration }) => `${configuration}/${seed}`)).to.deep.equal([
      'pixeldp epsilon 2/2',
      'pixeldp epsilon 0.5/1',
      'pixeldp epsilon 0.5/2',
    ]);
    expect(attacks[0]?.metrics[0]?.scores.map(({ leakage }) => leakage.size)).to.deep.equal([3, 2, 0]);
  });

  it('tells configurations apart that differ in their attacks alone, and attacks of one name', () => {
    const attack = { name: 'inverse-network', view: 'main-server', victims: 4 } as const;
    const more = { ...undefended, attacks: [attack, { ...attack, victims: 9 }] };
    const { configurations, attacks } = studied([undefended, more]);
    expect(new Set(configurations.map(({ label }) => label)).size).to.equal(2);
    expect(configurations[0]?.label).to.match(/^none \([0-9a-f]{12}\)$/);
    expect(attacks.map(({ slug }) => slug)).to.deep.equal([
      'inverse-network-main-server-1',
      'inverse-network-main-server-2',
    ]);
    expect(attacks.map(({ metrics }) => metrics[0]?.scores.length)).to.deep.equal([2, 1]);
  });

  it('counts a control as failed where it failed at one seed', () => {
    const failing = { ...undefended, leakage: { psnr: [20, 0.04, 22] } };
    const { attacks } = studied([failing, weak]);
    expect(attacks[0]?.metrics[0]?.scores.map(({ controlOk }) => controlOk)).to.deep.equal([false, false]);
  });
});

describe('estimateOf', () => {
  it('has half of the t interval, none for one seed or what is infinite, and nothing for no seed', () => {
    const three = estimateOf(
      new Map([
        [1, 1],
        [2, 2],
        [5, 3],
      ]),
    );
    expect(three).to.include({ n: 3, mean: 2 });
    expect(three?.half).to.be.closeTo(4.3026527 / Math.sqrt(3), 1e-6); // t(0.975, 2) · 1 ÷ √3
    expect(estimateOf(new Map([[1, 7]]))).to.deep.equal({ n: 1, mean: 7, half: undefined });
    const infinite = new Map([
      [1, 7],
      [2, Number.POSITIVE_INFINITY],
    ]);
    expect(estimateOf(infinite)).to.deep.equal({ n: 2, mean: Number.POSITIVE_INFINITY, half: undefined });
    expect(estimateOf(new Map())).to.equal(undefined);
  });
});

describe('comparisons', () => {
  it('subtracts no defense from each defense, and earlier from later ones, wherever no defense stands', () => {
    const { attacks } = studied([weak, undefended, strong]);
    const pairs = compareLeakage(attacks[0] as Study['attacks'][number], 'psnr');
    expect(pairs.map(({ a, b }) => `${a.label} - ${b.label}`)).to.deep.equal([
      'pixeldp epsilon 2 - none',
      'pixeldp epsilon 1 - pixeldp epsilon 2',
      'pixeldp epsilon 1 - none',
    ]);
    expect(pairs[0]?.test?.difference).to.be.closeTo(-5, 1e-12); // −5, −4.9, −5.1
    expect(pairs[0]?.test?.p).to.be.closeTo(0.000133, 1e-6); // t = 5 ÷ (0.1 ÷ √3) = 86.6 with 2 degrees of freedom
    expect(pairs[0]?.signFlip).to.equal(0.25);
    const smallest = Math.min(...pairs.map(({ test }) => test?.p ?? 1));
    expect(Math.min(...pairs.map(({ pHolm }) => pHolm ?? 1))).to.equal(3 * smallest);
  });

  it('uses the seeds that both have, and has no test for one', () => {
    const study = studied([undefended, { ...weak, accuracy: [0.8, undefined, undefined] }, strong]);
    const rows = comparisonRows(study).filter(({ metric }) => metric === 'test_accuracy');
    expect(rows.map(({ seeds }) => seeds)).to.deep.equal([1, 3, 1]);
    expect(rows[0]).to.include({ p_paired_t: undefined, p_holm: undefined, against_undefended: true });
    expect(rows[1]?.['p_holm']).to.equal(rows[1]?.['p_paired_t']); // the only test: nothing to correct for
    expect(rows[2]).to.include({ against_undefended: false });
  });

  it('says nothing of an attack whose control failed', () => {
    const { attacks } = studied([{ ...undefended, leakage: { psnr: [20, 0.04, 22] } }, weak]);
    expect(compareLeakage(attacks[0] as Study['attacks'][number], 'psnr')).to.deep.equal([]);
  });

  it('ties what the test does not tell from the best', () => {
    const study = studied(threeDefenses);
    const [none, two, one] = study.configurations.map(({ id }) => id) as [string, string, string];
    const psnr = compareLeakage(study.attacks[0] as Study['attacks'][number], 'psnr');
    const means = [
      { id: none, mean: -21.2 },
      { id: two, mean: -16.17 },
      { id: one, mean: -16.13 },
    ];
    expect([...bestOf(means, psnr)]).to.deep.equal([two, one]);
    expect([...bestOf(means, [])]).to.deep.equal([one]); // no test, no tie
    const accuracies = [
      { id: none, mean: 0.91 },
      { id: two, mean: 0.81 },
      { id: one, mean: 0.71 },
    ];
    expect([...bestOf(accuracies, compareAccuracy(study))]).to.deep.equal([none]);
    expect([
      ...bestOf(
        [
          { id: none, mean: Number.NaN },
          { id: one, mean: 1 },
        ],
        [],
      ),
    ]).to.deep.equal([one]);
  });
});

describe('trade-offs', () => {
  it('order leakage by harm: a small mse is much leakage', () => {
    const [psnr, mse] = tradeOffsOf(studied(threeDefenses));
    // 1 leaks a little less than 2 in both metrics, and none is the most accurate: all are on the front.
    const labels = ['pixeldp epsilon 1', 'pixeldp epsilon 2', 'none'];
    expect(psnr && frontOf(psnr).map(({ configuration }) => configuration.label)).to.deep.equal(labels);
    expect(mse && frontOf(mse).map(({ configuration }) => configuration.label)).to.deep.equal(labels);
    expect(psnr?.reference.leakage).to.be.closeTo((20 + 21 + 22.5) / 3, 1e-12); // no bound: the worst of the points
    expect(mse?.reference).to.deep.equal({ accuracy: 0, leakage: 0 });
  });

  it('mark what is dominated, and add up the area', () => {
    const bad = { defenses: [noise(9)], accuracy: [0.6], leakage: { ssim: [0.5] } };
    const good = { defenses: [noise(3)], accuracy: [0.8], leakage: { ssim: [0.25] } };
    const [tradeOff] = tradeOffsOf(studied([bad, good]));
    const rows = paretoRows(tradeOff ? [tradeOff] : []);
    expect(rows.map(({ dominated }) => dominated)).to.deep.equal([true, false]);
    expect(rows[0]).to.include({ hypervolume: 0.8 * 0.75, reference_accuracy: 0, reference_leakage: 1 });
  });

  it('leave out, with the reason, what says nothing', () => {
    const perfect = { ...weak, leakage: { psnr: [15, Number.POSITIVE_INFINITY, 16] } };
    const none = { defenses: [noise(0.5)], accuracy: [undefined] };
    const [tradeOff] = tradeOffsOf(studied([undefended, perfect, none]));
    expect(tradeOff?.leftOut.map(({ reason }) => reason)).to.deep.equal(['leakage is Infinity', 'no run is finished']);
    expect(tradeOffsOf(studied([{ ...undefended, leakage: { psnr: [20, 0.04, 22] } }]))).to.deep.equal([]);
  });
});
