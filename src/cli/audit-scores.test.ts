/** `cutlayer audit scores`, as a user calls it. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type AuditResult, auditCounts, type ClaimCheck } from '../accounting/index.ts';
import { seededRng } from '../arrays/rng.ts';
import { auditCommand } from './audit.ts';
import { jsonOf, refusalOf, runCommand } from './testing/run-command.ts';

interface Answer extends AuditResult {
  readonly present: number;
  readonly absent: number;
  readonly bounds: readonly AuditResult[];
  readonly claim: ClaimCheck | null;
}

type Row = readonly [score: number, present: 0 | 1];

const times = (count: number, row: Row): Row[] => Array<Row>(count).fill(row);
const csvOf = (rows: readonly Row[]) => `score,present\n${rows.map((row) => row.join(',')).join('\n')}\n`;

/** 487 of 1000 above ½ with the canary, 12 of 1000 without. */
const trials = [...times(487, [1, 1]), ...times(513, [0, 1]), ...times(12, [1, 0]), ...times(988, [0, 0])];
/** Of 1000 canaries the 50 highest are 48 that were in, the 50 lowest 47 that were out: 95 right of 100. */
const oneRun = [
  ...[...times(48, [2, 1]), ...times(2, [2, 0]), ...times(3, [-2, 1]), ...times(47, [-2, 0])],
  ...[...times(450, [0, 1]), ...times(450, [0, 0])],
];

describe('audit scores', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'audit-scores-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const fileOf = (text: string): string => {
    const file = join(folder, 'scores.csv');
    writeFileSync(file, text);
    return file;
  };
  const audited = (rows: readonly Row[], ...options: string[]) =>
    jsonOf<Answer>(auditCommand, 'audit', 'scores', fileOf(csvOf(rows)), ...options);

  it('trials: counts at fixed thresholds, both directions paid for; the rest beside it with what it needs', async () => {
    const { bounds, present, absent, ...first } = await audited(trials, '--thresholds', '0.5');
    const counts = { truePositives: 487, positives: 1000, falsePositives: 12, negatives: 1000 };
    const corrected = auditCounts(counts, { delta: 1e-5, confidence: 0.975 }).epsilon;
    expect(first.epsilon).to.be.closeTo(corrected, 1e-9).and.below(3.0833); // 3.08339 without correction
    expect([present, absent]).to.deep.equal([1000, 1000]);
    expect(bounds.map(({ method }) => method)).to.deep.equal([
      ...['counts-bonferroni', 'gaussian-dp', 'one-run-bonferroni', 'one-run-f-dp-bonferroni'],
    ]);
    expect(bounds.map(({ assumption }) => assumption?.match(/fair coin|Gaussian/g)?.join('+') ?? null)).to.deep.equal([
      ...[null, 'Gaussian', 'fair coin', 'fair coin+Gaussian'],
    ]);
  });

  it('trials: the family of sampled Gaussians where its rate is given', async () => {
    const { bounds } = await audited(trials, '--sampling-rate', '0.9', '--observed', 'step');
    expect(bounds[2]).to.include({ method: 'sampled-gaussian' });
    expect(bounds[2]?.assumption).to.match(/rate 0\.9/);
    expect(bounds[2]?.epsilon).to.be.above(bounds[0]?.epsilon ?? Number.NaN);
  });

  it('trials without thresholds: a half chooses, a half proves', async () => {
    const { method, epsilon } = await audited(trials);
    expect(method).to.equal('counts-held-out');
    expect(epsilon).to.be.within(2.2, 3.1);
    const [, , ...others] = (await audited([...trials, ...times(9000, [0, 0])])).bounds;
    expect(others).to.deep.equal([]); // 1000 of 11000 are no fair coins
  });

  it('one-run: the figures of audit.csv for 95 right of 100 among 1000', async () => {
    const command = ['--design', 'one-run', '--guesses-in', '50', '--guesses-out', '50'];
    const { bounds, epsilon, assumption, method } = await audited(oneRun, ...command);
    expect([method, assumption]).to.deep.equal(['one-run', null]);
    expect(epsilon).to.be.closeTo(2.16518, 1e-5);
    expect(bounds[1]?.epsilon).to.be.closeTo(3.32330049003, 5e-6);
    expect(bounds[2]?.assumption).to.match(/scores of different canaries are independent/);
    const losses = oneRun.map(([score, present]): Row => [-score, present]);
    expect((await audited(losses, ...command, '--in-scores', 'low')).epsilon).to.equal(epsilon);
    expect((await audited(losses, ...command)).epsilon).to.equal(0);
  });

  it('one-run without a plan pays for those it tries', async () => {
    const { method, epsilon } = await audited(oneRun, '--design', 'one-run');
    expect(method).to.equal('one-run-bonferroni');
    expect(epsilon).to.be.within(1.5, 2.165);
  });

  it('does not mistake the order of the lines for a result', async () => {
    const equal = [...times(500, [0, 1]), ...times(500, [0, 0])]; // ties by position would be all right
    expect((await audited(equal, '--design', 'one-run')).epsilon).to.equal(0);
    const rising = Array.from(seededRng(3).normal(500)).sort((a, b) => a - b);
    const sorted = [
      ...rising.map((score): Row => [score, 1]),
      ...rising.map((score): Row => [-score, 0]), // falling: first and second halves are of opposite signs
    ];
    expect((await audited(sorted)).epsilon).to.be.below(0.1);
  });

  it('reads further columns, quotes, Windows lines and infinite scores, from stdin as well', () => {
    const rows = trials.map(([score, present], i) => `c${i},"${present === 1}",${score === 1 ? 'inf' : '-1e2'}`);
    const input = `\uFEFFcanary,present,score\r\n${rows.join('\r\n')}\r\n\r\n`;
    const args = ['--import', 'tsx', 'src/cli/main.ts', 'audit', 'scores', '-', '--thresholds=-5', '--json'];
    const { stdout, status } = spawnSync(process.execPath, args, { input, encoding: 'utf8' });
    expect(status).to.equal(0);
    const { present, absent, epsilon } = JSON.parse(stdout) as Answer;
    expect([present, absent]).to.deep.equal([1000, 1000]);
    expect(epsilon).to.be.within(3, 3.08);
  });

  it('holds a claim against the bound that the design supports', async () => {
    const file = fileOf(csvOf(trials));
    const command = ['audit', 'scores', file, '--thresholds', '0.5'];
    expect(await runCommand(auditCommand, ...command, '--claimed', '3.1')).to.match(
      /1000 scores with the canary, 1000 without\. Design trials: .*\nε ≥ 3\.\d+.*\n.*if .*Gaussian[\s\S]*not contradicted/,
    );
    expect((await refusalOf(auditCommand, ...command, '--claimed', '3')).message).to.match(/claim ε ≤ 3 was refuted/);
  });

  it('says where a file is wrong, and what is allowed', async () => {
    for (const [text, options, reason] of [
      ['', [], /scores\.csv, line 1: .*one of them "score" .* there nowhere in ""/],
      ['score,in\n1,1\n', [], /line 1: .*"present" is there nowhere in "score,in"/],
      ['score,score,present\n', [], /"score" is there 2 times/],
      ['score,present\n1,1\n\n0.5,yes\n', [], /scores\.csv, line 4, column present: it must be 1 or true.*is "yes"/],
      ['score,present\n1,1\nhigh,0\n', [], /line 3, column score: it must be a number.*but is "high"/],
      ['score,present\n,0\n', [], /line 2, column score: .* but is empty/],
      ['score,present\n1,5,0\n', [], /line 2: there must be 2 values, one for each of score,present, but there are 3/],
      ['score,present\n1,1\n', [], /at least 4 scores with and without the record, but was given 0/],
      [csvOf(trials), ['--thresholds', 'a'], /--thresholds must be numbers/],
      [csvOf(trials), ['--design', 'one'], /--design must be one of trials, one-run/],
      [csvOf(trials), ['--in-scores', 'up'], /--in-scores must be one of high, low/],
      [csvOf(trials), ['--guesses-in', '0.5'], /--guesses-in must be a whole number from 0/],
      [csvOf(trials), ['--guesses-in', '2001'], /guesses must be at most the .*2000/],
      [csvOf(trials.slice(0, 1100)), ['--design', 'one-run'], /by a fair coin, but 1000 of 1100 were in/],
    ] as const) {
      const refusal = await refusalOf(auditCommand, 'audit', 'scores', fileOf(text), ...options);
      expect(refusal.message).to.match(reason);
      expect(refusal.name).to.equal('UsageError');
    }
    const missing = await refusalOf(auditCommand, 'audit', 'scores', join(folder, 'none.csv'));
    expect(missing.message).to.match(/none\.csv cannot be read: there is no such file\. Name a CSV file/);
  });
});
