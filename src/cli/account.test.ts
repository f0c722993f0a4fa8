/** The answers of `cutlayer account`, as contract.md has them. */

import { expect } from 'chai';
import { answerLine } from './account-batch.ts';
import { curveCsv, curveOf, curveSvg } from './account-curve.ts';
import { epsilonSentence, protection } from './account-text.ts';

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
  });
});

describe('answers in words', () => {
  it('name the adjacency, what is not protected, and what is only an estimate', () => {
    expect(protection('replace-one').join(' ')).to.match(/replace-one adjacency.*Does not protect/s);
    const estimate = { lower: null, estimate: 1.5, upper: null };
    expect(epsilonSentence(estimate, { delta: 1e-5, accountant: 'contour' })).to.match(/an estimate, not a bound/);
  });
});
