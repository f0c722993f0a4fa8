/** `cutlayer audit`, as a user calls it. */

import { expect } from 'chai';
import type { AuditResult } from '../accounting/index.ts';
import type { SamplerAudit, TrainingAudit } from '../lab/audit/index.ts';
import { auditCommand } from './audit.ts';
import { jsonOf, refusalOf, runCommand } from './testing/run-command.ts';

const counts = [
  'counts',
  '--true-positives',
  '487',
  '--positives',
  '1000',
  '--false-positives',
  '12',
  '--negatives',
  '1000',
];
const oneRun = ['one-run', '--canaries', '1000', '--guesses', '100', '--correct', '95'];

interface Answer extends AuditResult {
  readonly conditional: AuditResult;
}

describe('audit', () => {
  it('counts: the bound that holds for all mechanisms, and beside it the Gaussian one', async () => {
    const { epsilon, assumption, conditional } = await jsonOf<Answer>(auditCommand, 'audit', ...counts);
    expect(epsilon).to.be.closeTo(3.08338734437, 1e-10);
    expect(assumption).to.equal(null);
    expect(conditional.epsilon).to.be.closeTo(9.53612190283, 1e-9);
    expect(await runCommand(auditCommand, 'audit', ...counts)).to.match(
      /ε ≥ 3\.083 .*0\.95.*\n.*ε ≥ 9\.536.*, if .*Gaussian/,
    );
  });

  it('counts: intervals that prove nothing stand apart, by name and by word', async () => {
    interface Estimated {
      readonly estimates: readonly { readonly method: string; readonly kind: string; readonly low: number }[];
    }
    const { estimates } = await jsonOf<Estimated>(auditCommand, 'audit', ...counts);
    expect(estimates.map(({ method, kind }) => `${method} ${kind}`)).to.deep.equal([
      'bayesian credible',
      ...['katz-log', 'walters', 'bailey', 'inverse-sinh'].map((method) => `${method} approximate`),
    ]);
    expect(estimates[0]?.low).to.be.closeTo(3.1762373758, 1e-6);
    // Above the proven 3.083, below every estimate's low end: refuted by none.
    expect(await runCommand(auditCommand, 'audit', ...counts, '--claimed', '3.09')).to.match(
      /not proven, and held against no claim:\n {2}3\.176 to 4\.307 \(bayesian, 0\.95 credible.*\n {2}3\.137 to 4\.269 \(katz-log, approximate[\s\S]*not contradicted/,
    );
  });

  it('counts: the family of sampled Gaussians where rate and steps are given', async () => {
    interface Sampled {
      readonly sampled: { readonly epsilon: number; readonly noiseMultiplier: number } | null;
    }
    const ask = (...options: string[]) => jsonOf<Sampled>(auditCommand, 'audit', ...counts, ...options);
    expect((await ask()).sampled).to.equal(null);
    const step = await ask('--sampling-rate', '0.9', '--steps', '5', '--observed', 'step');
    const whole = await ask('--sampling-rate', '0.9', '--steps', '5');
    expect(step.sampled?.noiseMultiplier).to.be.below(0.52); // 0.5196 where all are sampled
    // Five steps together show what each of them alone would show with √5 times less noise.
    expect(whole.sampled?.noiseMultiplier).to.be.within(1, 1.162);
    expect(step.sampled?.epsilon).to.be.above(whole.sampled?.epsilon ?? Number.NaN);
    expect((await refusalOf(auditCommand, 'audit', ...counts, '--steps', '5')).message).to.match(
      /needs --sampling-rate/,
    );
    const refusal = await refusalOf(auditCommand, 'audit', ...counts, '--sampling-rate', '2');
    expect(refusal.message).to.match(/^--sampling-rate must be above 0/);
    expect(refusal.name).to.equal('UsageError');
  });

  it('one-run: Steinke’s bound and the f-DP one', async () => {
    const { epsilon, conditional } = await jsonOf<Answer>(auditCommand, 'audit', ...oneRun);
    expect(epsilon).to.be.closeTo(2.16518, 1e-5);
    expect(conditional.epsilon).to.be.closeTo(3.32330049003, 5e-6);
  });

  it('mechanism: the project’s own DP-SGD step and noise layer keep their claims', async () => {
    for (const args of [
      ['dp-sgd', '--noise-multiplier', '2'],
      ['pixeldp', '--epsilon', '3'],
    ]) {
      const { check, claimed, audit } = await jsonOf<SamplerAudit>(
        auditCommand,
        ...['audit', 'mechanism', ...args, '--trials', '600'],
      );
      expect(check.ok).to.equal(true);
      expect(audit.epsilon).to.be.at.most(claimed);
    }
  });

  it('mechanism joint-dp: one pass of the worst record keeps its claim, and shows part of it', async () => {
    const command = ['audit', 'mechanism', 'joint-dp', '--trials', '1500', '--epsilon', '4', '--label-epsilon', '1.5'];
    const { description, claimed, audit, check, gaussian } = await jsonOf<SamplerAudit>(auditCommand, ...command);
    // mpmath: σ of (2.5, 0.01) is 0.945298; in units of C, 2σ ÷ √0.7 and 2σ ÷ √0.3.
    expect(description).to.match(/one pass of joint-dp: .* 2\.26 at the cut, 3\.45 on gradients, label ε 1\.5/);
    expect(check.ok).to.equal(true);
    expect(audit.epsilon).to.be.within(claimed / 4, claimed);
    expect(gaussian).to.equal(null);
    // Made for four passes, one of them is claimed less for than all.
    const ofFour = await jsonOf<SamplerAudit>(auditCommand, ...command, '--passes', '4');
    expect(ofFour.claimed).to.be.within(1.5, claimed - 0.3);
  });

  it('training: one run of the project’s own trainer keeps its claim', async () => {
    const command = ['audit', 'training', '--canaries', '300', '--rounds', '2', '--noise-multiplier', '2'];
    const { ok, claimed, audited, bounds } = await jsonOf<TrainingAudit>(auditCommand, ...command);
    expect(ok).to.equal(true);
    expect(audited).to.be.within(0.2, claimed);
    expect(bounds.map(({ view }) => view)).to.deep.equal(['white-box', 'white-box', 'black-box', 'black-box']);
    expect(bounds.every(({ confidence }) => Math.abs(confidence - 0.9875) < 1e-12)).to.equal(true); // 0.05 among four
    expect(await runCommand(auditCommand, ...command)).to.match(
      /Trained once: 2 rounds \(2 steps\).* 300 canaries, \d+ of them in\.\nwhite-box: ε ≥ .*[\s\S]*not contradicted/,
    );
  });

  it('holds a claim against the audit: silent where it may be true, failing where it cannot', async () => {
    expect(await runCommand(auditCommand, 'audit', ...counts, '--claimed', '4')).to.match(/not contradicted/);
    const failure = await refusalOf(auditCommand, 'audit', ...counts, '--claimed', '3');
    expect(failure.message).to.match(/claim ε ≤ 3 was refuted/);
    expect(failure.name).to.equal('Error'); // it ran and failed: not a wrong request
  });

  it('refuses wrong requests as usage errors', async () => {
    for (const [args, reason] of [
      [[...counts, '--confidence', '95'], /confidence must be above 0 and below 1/],
      [
        ['one-run', '--canaries', '10', '--guesses', '20', '--correct', '5'],
        /guesses must be at most the number of canaries \(10\)/,
      ],
      [['training', '--canaries', '10'], /--canaries must be a whole number from 40/],
      [['training', '--noise-multiplier', '0'], /^--noise-multiplier must be positive/],
      [['training', '--sampling-rate', '2'], /^--sampling-rate must be above 0 and at most 1/],
      [['training', '--delta', '0', '--canaries', '40'], /delta must be above 0/],
      [['training', '--confidence', '95', '--canaries', '40'], /confidence must be above 0/],
      [['mechanism', 'pixel-dp'], /mechanism must be one of dp-sgd, pixeldp, joint-dp/],
      [['mechanism', 'dp-sgd', '--trials', '2'], /--trials must be a whole number from 8/],
      [['mechanism', 'dp-sgd', '--clip-norm', '0'], /^--clip-norm must be positive/],
      [['mechanism', 'pixeldp', '--noise', 'cauchy'], /--noise must be one of laplace, gaussian/],
      [['mechanism', 'pixeldp', '--epsilon', '0'], /--epsilon must be a number above 0/],
      [['mechanism', 'pixeldp', '--epsilon', '.inf'], /--epsilon/],
      [['mechanism', 'joint-dp', '--label-epsilon', '5'], /^--epsilon must be above --label-epsilon/],
      [['mechanism', 'joint-dp', '--label-epsilon', '0'], /--label-epsilon must be a number above 0/],
      [['mechanism', 'joint-dp', '--gradient-share', '1'], /--gradient-share must be a number above 0 and below 1/],
      [['mechanism', 'joint-dp', '--clip-norm', '0'], /clip.* must be a number above 0/],
      [['mechanism', 'joint-dp', '--passes', '0'], /--passes must be a whole number from 1/],
      [['mechanism', 'joint-dp', '--classes', '1'], /--classes must be a whole number from 2/],
    ] as const) {
      const refusal = await refusalOf(auditCommand, 'audit', ...args);
      expect(refusal.name, args.join(' ')).to.equal('UsageError');
      expect(refusal.message).to.match(reason);
    }
  });
});
