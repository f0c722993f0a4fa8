import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { pixeldp } from '../../defenses/pixeldp.ts';
import type { DefenseEntry } from '../contracts/defense.ts';
import {
  ClaimInconclusive,
  ClaimRefuted,
  defense,
  dpSgd,
  expectDefense,
  inverseNetwork,
  measure,
  none,
  pixelDp,
  together,
  type Verdict,
} from './index.ts';

const setting = {
  data: { name: 'mnist', train: 200, test: 100 },
  model: { name: 'mlp', cut: 3 },
  trainer: {
    name: 'splitfed-v1',
    clients: 2,
    rounds: 3,
    batchSize: 20,
    optimizer: { name: 'adam', learningRate: 0.003 },
  },
};
const against = inverseNetwork({ victims: 30, auxiliary: 400, epochs: 4 });
const strong = pixelDp({ epsilon: 0.05 });

describe('expectDefense', () => {
  let cache = '';
  const claim = (seeds: number) => ({ against, metric: 'psnr', setting, seeds, cache }) as const;
  before(() => {
    cache = mkdtempSync(join(tmpdir(), 'cutlayer-claims-'));
  });
  after(() => rmSync(cache, { recursive: true }));

  async function thrown(promise: Promise<unknown>): Promise<Error & { verdict: Verdict }> {
    const error = await promise.catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error);
    return error as Error & { verdict: Verdict };
  }

  it('passes a true claim', async () => {
    const verdict = await expectDefense(strong).toLeakLessThan(none(), claim(3));
    expect(verdict).to.deep.include({ outcome: 'holds', seeds: [1, 2, 3] });
    expect(verdict.claim).to.equal(
      'pixeldp (epsilon 0.05) leaks less than none to inverse-network (victims 30, auxiliary 400, epochs 4) by psnr',
    );
    expect(verdict.findings[0]?.test?.low).to.be.above(0);
  });

  it('refutes a wrong one, with test, effect and interval', async () => {
    const error = await thrown(expectDefense(none()).toLeakLessThan(strong, claim(3)));
    expect(error).to.be.instanceOf(ClaimRefuted);
    expect(error.message).to.match(
      /^Refuted: none leaks less than pixeldp .* by psnr \(3 seeds\)\.\n {2}psnr: [\d.]+ with none, [\d.]+ with pixeldp .*; pixeldp .* − none -[\d.]+, 95 % interval \[-[\d.]+, -[\d.]+\] \(paired t test, p = [\d.e-]+\): not above 0\.$/,
    );
  });

  it('refutes what costs more accuracy than claimed, though it leaks less', async () => {
    const error = await thrown(expectDefense(strong).toLeakLessThan(none(), { ...claim(3), accuracyLossAtMost: 0.01 }));
    expect(error).to.be.instanceOf(ClaimRefuted);
    expect(error.verdict.findings.map(({ figure, outcome }) => [figure, outcome])).to.deep.equal([
      ['psnr', 'holds'],
      ['accuracy', 'refuted'],
    ]);
    expect(error.message).to.match(/psnr: .* shown to be above 0\.\n {2}accuracy: .* not at least -0\.01\.$/);
  });

  it('says that one seed decides nothing, and how many would', async () => {
    const one = await thrown(expectDefense(strong).toLeakLessThan(none(), claim(1)));
    expect(one).to.be.instanceOf(ClaimInconclusive);
    expect(one.message).to.match(/^Inconclusive: .*\(seed 1\)\.\n.* no interval: .*takes at least 2 seeds\.$/);
    const { findings } = await expectDefense(strong).toLeakLessThan(none(), claim(3));
    const { difference = 0, high = 0 } = findings[0]?.test ?? {};
    const within = { ...claim(3), byAtLeast: difference - (high - difference) / 2 };
    const few = await thrown(expectDefense(strong).toLeakLessThan(none(), within));
    expect(few).to.be.instanceOf(ClaimInconclusive);
    expect(few.message).to.match(/not shown to be above [\d.]+, nor the contrary; about \d+ seeds would decide it/);
  });

  it('concludes nothing from an attack that fails with either defense', async () => {
    const hopeless = inverseNetwork({ victims: 30, auxiliary: 1, epochs: 1 });
    const error = await thrown(expectDefense(strong).toLeakLessThan(none(), { ...claim(2), against: hopeless }));
    expect(error).to.be.instanceOf(ClaimInconclusive);
    expect(error.message).to.match(/the attack beats guessing \([\d.]+\) with neither at every seed/);
  });

  it('holds accuracy alone to its bound, a bound that is met exactly included', async () => {
    const alone = { setting, seeds: 2, cache, lossAtMost: 0 };
    const { findings } = await expectDefense(none()).toKeepAccuracyOf(none(), alone);
    expect(findings[0]).to.deep.include({ figure: 'accuracy', outcome: 'holds' });
    const error = await thrown(expectDefense(strong).toKeepAccuracyOf(none(), { ...claim(3), lossAtMost: 0.01 }));
    expect(error).to.be.instanceOf(ClaimRefuted);
  });

  it('uses stored phases again, but stores nothing of a defense of your own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cutlayer-claims-'));
    try {
      const options = { against, setting, seeds: 1, cache: folder };
      const own: DefenseEntry = { ...pixeldp, name: 'mine' };
      const [mine] = await measure(defense(own, { epsilon: 0.05 }), options);
      expect(readdirSync(folder)).to.deep.equal([]);
      const [theirs] = await measure(strong, options);
      expect(mine).to.deep.equal(theirs);
      const stored = readdirSync(folder);
      expect(stored).to.have.length(3); // trained, recorded, attacked
      const made = stored.map((name) => statSync(join(folder, name)).birthtimeMs);
      expect(await measure(strong, options)).to.deep.equal([theirs]);
      expect(stored.map((name) => statSync(join(folder, name)).birthtimeMs)).to.deep.equal(made);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes the setting of an experiment file', async () => {
    const file = join(cache, 'paper.yaml');
    writeFileSync(file, JSON.stringify({ ...setting, attacks: [], grid: {} }));
    const options = { against, seeds: [2], cache };
    expect(await measure(none(), { ...options, setting: file })).to.deep.equal(
      await measure(none(), { ...options, setting }),
    );
  });

  it('lets defenses act together', async () => {
    const options = { against, setting, seeds: [1], cache: false } as const;
    const weak = pixelDp({ epsilon: 5 });
    const [both] = await measure(together(weak, dpSgd({ noiseMultiplier: 4 })), options);
    const [one] = await measure(weak, { ...options, cache });
    expect(both?.accuracy).to.not.equal(one?.accuracy);
  });

  it('says what is wrong with a claim', async () => {
    const failing = async (run: Promise<unknown>) => (await thrown(run)).message;
    expect(await failing(measure(pixelDp({ epsilon: -1 }), claim(1)))).to.match(/defenses\.0\.epsilon: must be/);
    expect(await failing(measure(none(), { ...claim(1), setting: { model: { name: 'lenet' } } }))).to.match(
      /model\.name: must be one of .* Did you mean "lenet5"/,
    );
    expect(await failing(measure(none(), { ...claim(1), seeds: 0 }))).to.match(/seeds must be .* but is 0/);
    expect(await failing(measure(none(), { ...claim(1), seeds: [1, 1] }))).to.match(/each once, but is \[1,1\]/);
    expect(() => defense('pixeldpp')).to.throw(
      RangeError,
      /a defense must be one of pixeldp, dp-sgd.*Did you mean "pixeldp"/,
    );
    const { against: _, ...unattacked } = claim(1);
    expect(await failing(expectDefense(strong).toLeakLessThan(none(), unattacked as never))).to.match(
      /against is missing/,
    );
    const metric = 'label_accuracy' as const;
    expect(await failing(expectDefense(strong).toLeakLessThan(none(), { ...claim(1), metric }))).to.match(
      /metric must be one of psnr, ssim, mse, .* but is "label_accuracy"/,
    );
  });
});
