import { expect } from 'chai';
import { groupEpsilon } from '../accounting/index.ts';
import { answerLine } from './account-batch.ts';
import { runCli } from './testing/run-cli.ts';

const run = { samplingRate: 0.01, noiseMultiplier: 4, steps: 1000 };
const delta = 1e-5;
const records = 5;
const expected = groupEpsilon({ run, records, delta }); // 1.587, of one record 0.272

interface Answer {
  readonly error?: string;
  readonly noiseMultiplier?: number;
  readonly steps?: number;
  readonly samplingRate?: number;
  readonly delta?: number;
  readonly epsilon?: { readonly upper: number };
}

const answer = (request: object) =>
  JSON.parse(answerLine(JSON.stringify({ ...run, delta, recordsPerUser: records, ...request }))) as Answer;

describe('account batch, for users', () => {
  it('answers every question about a user', () => {
    expect(answer({ ask: 'epsilon' }).epsilon?.upper).to.equal(expected);
    const epsilon = expected * 1.001;
    expect(answer({ ask: 'noise', epsilon }).noiseMultiplier).to.be.closeTo(4, 0.01);
    expect(answer({ ask: 'steps', epsilon }).steps).to.be.within(1000, 1005);
    expect(answer({ ask: 'rate', epsilon }).samplingRate).to.be.closeTo(0.01, 1e-4);
    expect(answer({ ask: 'delta', epsilon }).delta).to.be.within(0.95e-5, 1e-5);
  });

  it('says what is wrong with the number of records', () => {
    expect(answer({ ask: 'epsilon', recordsPerUser: 'many' }).error).to.match(/recordsPerUser must be a number/);
    expect(answer({ ask: 'epsilon', recordsPerUser: 0 }).error).to.match(/recordsPerUser must be at least 1, but is 0/);
    expect(answer({ ask: 'epsilon', recordsPerUser: null }).epsilon?.upper).to.be.below(0.3);
  });
});

describe('cutlayer account --records-per-user', () => {
  const flags = ['--sampling-rate', '0.01', '--delta', '1e-5', '--records-per-user', '5'];
  const ask = [...flags, '--noise-multiplier', '4', '--steps', '1000'];

  it('states the ε of a user, and of records that are drawn in other ways', async () => {
    const { stdout } = await runCli('account', 'epsilon', ...ask);
    expect(stdout).to.match(/^ε ≤ 1\.587/);
    expect(stdout).to.match(/one user with at most 5 records/);
    expect(stdout).to.match(/drawn together in any way: ε ≤ 17\.58.*shuffled passes.*ε ≤ 23\.99/);
    expect(stdout).not.to.match(/whether one record was there/);
    const all = await runCli('account', 'epsilon', ...ask, '--accountant', 'all');
    expect(all.stdout).to.match(/pld .*1\.587/);
    expect(all.stdout).to.match(/one user with at most 5 records/);
  });

  it('finds the noise for a user', async () => {
    const { stdout } = await runCli('account', 'noise', ...flags, '--steps', '1000', '--epsilon', '2', '--json');
    expect((JSON.parse(stdout) as Answer).noiseMultiplier).to.be.closeTo(3.28638, 1e-4);
  });

  it('refuses what nobody has proven', async () => {
    const { status, stderr } = await runCli('account', 'epsilon', ...ask, '--adjacency', 'replace-one');
    expect(status).to.equal(2);
    expect(stderr).to.match(/"user-sampled" of a "gaussian" event under replace-one/);
  });
});
