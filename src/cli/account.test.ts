/** The answers of `cutlayer account`, which scripts rely on. */

import { expect } from 'chai';
import { answerLine } from './account-batch.ts';
import { curveCsv, curveOf, curveSvg } from './account-curve.ts';
import { epsilonSentence, protection } from './account-text.ts';
import { runCli } from './testing/run-cli.ts';

const RUN = { samplingRate: 0.01, noiseMultiplier: 1, steps: 1000, delta: 1e-5 };

interface Answer {
  readonly id?: unknown;
  readonly error?: unknown;
  readonly epsilon?: unknown;
  readonly noiseMultiplier?: unknown;
  readonly rdp?: unknown;
  readonly elapsedMs?: unknown;
}

function answer(request: object): Answer {
  return JSON.parse(answerLine(JSON.stringify(request))) as Answer;
}

describe('account batch', () => {
  it('answers "epsilon" with the accountant, the bounds and δ', () => {
    const { elapsedMs, ...rest } = answer({ id: 7, ask: 'epsilon', ...RUN, accountant: 'rdp' });
    expect(elapsedMs).to.be.a('number');
    expect(rest).to.have.all.keys('id', 'accountant', 'epsilon', 'delta');
    expect(rest).to.deep.include({ id: 7, accountant: 'rdp', delta: 1e-5 });
    expect(rest.epsilon).to.have.all.keys('lower', 'estimate', 'upper').and.include({ lower: null, estimate: null });
  });

  it('answers "noise" with a noise multiplier whose upper bound meets the target', () => {
    const { samplingRate, steps, delta } = RUN;
    const { noiseMultiplier, epsilon } = answer({
      ask: 'noise',
      epsilon: 1,
      samplingRate,
      steps,
      delta,
      accountant: 'rdp',
    });
    expect(noiseMultiplier).to.be.closeTo(1.51312, 1e-4);
    expect(epsilon).to.have.property('upper').that.is.at.most(1);
  });

  it('answers "rdp" with one step at one order', () => {
    const { id, rdp, elapsedMs } = answer({ id: 'a', ask: 'rdp', samplingRate: 0.01, noiseMultiplier: 1, order: 8 });
    expect(id).to.equal('a');
    expect(rdp).to.be.closeTo(0.000893643907606, 1e-14);
    expect(elapsedMs).to.be.a('number');
  });

  it('writes ∞ as a string', () => {
    expect(answer({ ask: 'epsilon', ...RUN, noiseMultiplier: 0 })).to.have.nested.property('epsilon.upper', 'Infinity');
    expect(answer({ ask: 'epsilon', ...RUN, noiseMultiplier: 'Infinity' })).to.have.nested.property('epsilon.upper', 0);
  });

  it('says what is wrong with a line, and goes on', () => {
    expect(JSON.parse(answerLine('nonsense'))).to.have.all.keys('id', 'error');
    expect(JSON.parse(answerLine('[1]'))).to.deep.equal({ id: null, error: 'a request must be a JSON object.' });
    expect(answer({ id: 1, ask: 'sigma' }))
      .to.deep.include({ id: 1 })
      .and.property('error')
      .to.match(/ask must be/);
    expect(answer({ id: 2, ask: 'epsilon', ...RUN, delta: 'x' }).error).to.match(/delta must be a number, but is "x"/);
    expect(answer({ id: 3, ask: 'epsilon', ...RUN, samplingRate: 2 }).error).to.match(
      /samplingRate must be between 0 and 1/,
    );
    expect(answer({ id: 4, ask: 'epsilon', ...RUN, accountant: 'moments' }).error).to.match(
      /accountant must be one of/,
    );
  });
});

describe('account batch, what is looked for', () => {
  it('answers "steps", "rate" and "delta", under an adjacency where one is given', () => {
    const { samplingRate, noiseMultiplier, steps, delta } = RUN;
    const found = answer({ ask: 'steps', samplingRate, noiseMultiplier, delta, epsilon: 1.83 }) as { steps?: unknown };
    expect(found.steps).to.be.within(1000, 1003);
    const rate = answer({ ask: 'rate', steps, noiseMultiplier, delta, epsilon: 1.83 }) as { samplingRate?: unknown };
    expect(rate.samplingRate).to.be.within(0.00999, 0.01001);
    const least = answer({ ask: 'delta', steps, noiseMultiplier, samplingRate, epsilon: 1.83 }) as { delta?: unknown };
    expect(least.delta).to.be.within(0.9e-5, 1e-5);
    const replaced = answer({ ask: 'epsilon', ...RUN, adjacency: 'replace-one' });
    expect(replaced).to.have.nested.property('epsilon.upper').that.is.within(2.83, 2.8436);
    expect(answer({ ask: 'epsilon', ...RUN, adjacency: 'neighbour' }).error).to.match(/adjacency must be one of/);
  });
});

/** Figures that tf-privacy's and Opacus' own tests expect. */
const PUBLISHED = [
  {
    samplingRate: 0.0025,
    noiseMultiplier: 1.3,
    steps: 6000,
    delta: 1e-5,
    conversion: 'improved',
    epsilon: 0.7242234026,
  },
  {
    samplingRate: 0.0025,
    noiseMultiplier: 1.3,
    steps: 6000,
    delta: 1e-5,
    conversion: 'classic',
    epsilon: 0.9418705672,
  },
  {
    samplingRate: 0.001,
    noiseMultiplier: 1,
    steps: 30_000,
    delta: 1e-7,
    conversion: 'improved',
    epsilon: 1.4154988495,
  },
  { samplingRate: 0.001, noiseMultiplier: 1, steps: 30_000, delta: 1e-7, conversion: 'classic', epsilon: 1.709287337 },
  { samplingRate: 0.04, noiseMultiplier: 1.5, steps: 2250, delta: 1e-5, conversion: 'improved', epsilon: 7.32911117 },
] as const;

describe('account with the orders of other libraries', () => {
  const flags = (run: object) =>
    Object.entries(run).flatMap(([name, value]) => [
      `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      String(value),
    ]);

  for (const { epsilon, ...run } of PUBLISHED) {
    it(`gives the published ${epsilon} (${run.conversion}), and less over all orders`, async () => {
      const asked = ['account', 'epsilon', ...flags(run), '--accountant', 'rdp', '--json'];
      const upperOf = async (...more: string[]) =>
        (JSON.parse((await runCli(...asked, ...more)).stdout) as { epsilon: { upper: number } }).epsilon.upper;
      for (const orders of ['opacus', 'dp_accounting']) {
        expect(await upperOf('--orders', orders), orders).to.be.closeTo(epsilon, 1e-6);
      }
      expect(await upperOf()).to.be.within(epsilon * 0.998, epsilon * (1 - 1e-7));
    });
  }

  it('calibrates Opacus’ σ = 1.416 at ε = 8, q = 0.04, 90 epochs', async () => {
    const run = { samplingRate: 0.04, steps: 2250, delta: 1e-5, epsilon: 8, accountant: 'rdp', orders: 'opacus' };
    const { stdout } = await runCli('account', 'noise', ...flags(run), '--json');
    const { noiseMultiplier, epsilon } = JSON.parse(stdout) as { noiseMultiplier: number; epsilon: { upper: number } };
    expect(noiseMultiplier).to.be.closeTo(1.416, 0.005);
    const own = answer({ ask: 'epsilon', ...run, noiseMultiplier }); // the grid's own ε there, not a tighter one
    expect(own).to.have.nested.property('epsilon.upper', epsilon.upper);
    expect(epsilon.upper).to.be.within(8 * (1 - 1e-6), 8);
  });

  it('takes them in a batch, by name or as a list', () => {
    const ask = (orders?: unknown) =>
      answer({ ask: 'epsilon', ...RUN, accountant: 'rdp', orders }) as { epsilon: { upper: number } };
    expect(ask([8]).epsilon.upper).to.be.above(ask('opacus').epsilon.upper);
    expect(ask('opacus').epsilon.upper).to.be.above(ask(null).epsilon.upper);
    const opacus = {
      ask: 'epsilon',
      samplingRate: 0.04,
      noiseMultiplier: 1.5,
      steps: 2250,
      delta: 1e-5,
      accountant: 'rdp',
    };
    const whole = { ...opacus, orders: Array.from({ length: 62 }, (_, i) => i + 2) };
    for (const [conversion, published] of [
      ['improved', 7.32988],
      ['classic', 8.0797],
    ] as const) {
      expect(answer({ ...whole, conversion }))
        .to.have.nested.property('epsilon.upper')
        .that.is.closeTo(published, 5e-5);
    }
    expect(answer({ ask: 'epsilon', ...RUN, accountant: 'rdp', orders: 'tf' }).error).to.match(
      /orders must be one of dp_accounting, opacus, but is "tf"/,
    );
    expect(answer({ ask: 'epsilon', ...RUN, accountant: 'rdp', orders: [1, 2] }).error).to.match(/above 1/);
  });

  it('refuses them for an accountant that has none, but not beside others', async () => {
    for (const accountant of ['pld', undefined]) {
      const { error } = answer({ ask: 'epsilon', ...RUN, accountant, orders: 'opacus' });
      expect(error).to.match(/orders and conversion are for accountant "rdp"/);
    }
    const all = await runCli('account', 'epsilon', ...flags(RUN), '--accountant', 'all', '--orders', 'opacus');
    expect(all.stdout).to.match(/^rdp +2\.10137\n/m);
  });

  it('says that all real orders, the default, are tighter', async () => {
    const words = async (...more: string[]) => (await runCli('account', 'epsilon', ...flags(RUN), ...more)).stdout;
    expect(await words('--accountant', 'rdp')).to.match(/all real Rényi orders, which is tighter than the grids/);
    expect(await words('--accountant', 'rdp', '--orders', 'opacus')).to.match(
      /grid of opacus; without --orders all real/,
    );
    expect(await words()).not.to.match(/orders/);
  });
});

describe('the curve of ε over steps', () => {
  const points = curveOf({ ...RUN, steps: 50, accountant: 'rdp' });

  it('rises, from one step to all', () => {
    expect([points[0]?.steps, points.at(-1)?.steps]).to.deep.equal([1, 50]);
    const uppers = points.map(({ upper }) => upper ?? Number.NaN);
    expect(uppers).to.deep.equal([...uppers].sort((a, b) => a - b));
  });

  it('is CSV with a header, and a picture of one line', () => {
    expect(curveCsv(points).split('\n')[0]).to.equal('steps,lower,estimate,upper');
    expect(curveCsv(points).trim().split('\n')).to.have.length(points.length + 1);
    const svg = curveSvg(points, 'ε');
    expect(svg).to.match(/^<svg .*<polyline points="[\d., ]+".*<\/svg>\n$/s);
    expect(curveSvg([], 'ε')).not.to.match(/NaN|Infinity/);
    const texts = [...svg.matchAll(/>([\d.]+)<\/text>/g)].map(([, text]) => text);
    expect(texts).to.include.members(['0', '10', '20', '30', '40', '50']);
  });
});

describe('answers in words', () => {
  it('say that nothing is protected where there is no finite ε', async () => {
    const asked = ['account', 'epsilon', '--sampling-rate', '0.1', '--steps', '1'];
    const without = await runCli(...asked, '--delta', '1e-5', '--noise-multiplier', '0');
    expect(without.stdout).to.match(/^ε = ∞ at δ = 0\.00001 \(.*\): there is no bound\.\nProtects nothing: /);
    const pure = await runCli(...asked, '--delta', '0', '--noise-multiplier', '1', '--accountant', 'all');
    expect(pure.stdout)
      .to.match(/\nProtects nothing: /)
      .and.not.match(/whether one record was there/);
    const one = await runCli(...asked, '--delta', '1e-5', '--noise-multiplier', '1', '--accountant', 'all');
    expect(one.stdout).to.match(/\nProtects: whether one record was there/);
  });

  it('count in the singular where there is one', async () => {
    const steps = await runCli(
      ...['account', 'steps', '--sampling-rate', '1', '--noise-multiplier', '1', '--epsilon', '5', '--delta', '1e-5'],
    );
    expect(steps.stdout).to.match(/^1 step: /);
    const joint = await runCli('account', 'joint', '--epsilon', '8', '--passes', '1', '--delta', '1e-5');
    expect(joint.stdout).to.match(/over 1 pass\.\n/);
    const votes = await runCli('cost', 'experiments/smoke.yaml', '--set', 'trainer.clients=1', 'grid={}');
    expect(votes.stdout).to.match(/ 1 client with 200 examples/);
  });

  it('name the adjacency, what is not protected, and what is only an estimate', () => {
    expect(protection('replace-one').join(' ')).to.match(/replace-one adjacency.*Does not protect/s);
    const estimate = { lower: null, estimate: 1.5, upper: null };
    expect(epsilonSentence(estimate, { delta: 1e-5, accountant: 'contour' })).to.match(/an estimate, not a bound/);
  });
});
