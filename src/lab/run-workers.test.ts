import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RunFailure } from './run-failure.ts';
import { type RunWorkers, runWorkers } from './run-workers.ts';
import type { CheckRequest, RunRequest } from './worker-messages.ts';

describe('runWorkers', () => {
  const controllers = () => ({ signal: new AbortController(), stop: new AbortController() });
  let folder = '';
  let workers: RunWorkers;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutlayer-workers-'));
    workers = runWorkers(new URL('./testing/obedient-worker.ts', import.meta.url));
  });
  afterEach(() => {
    workers.end();
    rmSync(folder, { recursive: true });
  });

  const optionsOf = (name: string, { signal, stop } = controllers()) => ({
    ...{ signal: signal.signal, stop: stop.signal, logFile: join(folder, `${name}.txt`) },
    ...{ onProgress: () => {}, onWarning: () => {} },
  });

  /** The id of the process that did it; undefined where it was stopped. */
  async function run(name: string, { signal, stop } = controllers(), timeoutSeconds?: number) {
    const request = { kind: 'run', config: { name } } as unknown as RunRequest;
    const result = await workers.run(request, { ...optionsOf(name, { signal, stop }), timeoutSeconds });
    return (result as { readonly pid: number } | undefined)?.pid;
  }
  const failureOf = (...args: Parameters<typeof run>) =>
    run(...args).then(
      () => expect.fail('it did not fail'),
      (error: RunFailure) => error,
    );
  const log = (name: string) =>
    readFileSync(join(folder, `${name}.txt`), 'utf8')
      .trim()
      .split('\n');

  it('does one run after another in the same process, and those at a time in several', async () => {
    const first = await run('a');
    expect(await run('b')).to.equal(first);
    const [second, third] = await Promise.all([run('c'), run('d')]);
    expect(second).to.equal(first);
    expect(third).not.to.equal(first);
  });

  it('keeps a process that only helped', async () => {
    const help = { kind: 'help', config: { name: 'a' } } as unknown as RunRequest;
    expect(await workers.run(help, optionsOf('a'))).to.equal(undefined);
    await run('b');
    expect(log('b')).to.deep.equal(['b is run 2']);
  });

  it('checks an experiment, and does the first run in the same process', async () => {
    const { name } = await workers.check({ kind: 'check', file: 'a' } as CheckRequest);
    expect(String(await run('a'))).to.equal(name);
  });

  it('tells what is wrong with an experiment from what is wrong with the check', async () => {
    const refusal = (file: string) =>
      workers.check({ kind: 'check', file, text: 'is wrong.' } as CheckRequest).then(
        () => expect.fail('it was not refused'),
        (error: Error) => error,
      );
    expect(await refusal('refuse')).to.include({
      ...{ name: 'ConfigError', message: 'model.cut: is wrong.', stack: 'refused\n  at it' },
    });
    expect(await refusal('throw')).to.include({ name: 'RunFailure', message: 'thrown' });
    expect((await refusal('die')).message).to.match(
      /the process that checks the experiment ended with status 3\. checks die$/,
    );
  });

  it('gives each run its own log', async () => {
    for (const name of ['a', 'b', 'c']) await run(name);
    expect(['a', 'b', 'c'].map(log)).to.deep.equal([['a is run 1'], ['b is run 2'], ['c is run 3']]);
  });

  it('does nothing more in a process in which a run failed', async () => {
    const first = await run('a');
    expect(await failureOf('throw')).to.include({ kind: 'threw', message: 'thrown' });
    expect(await run('b')).not.to.equal(first);
  });

  it('tells a death from a failure, with what the process wrote', async () => {
    const failure = await failureOf('die');
    expect(failure).to.include({ kind: 'died' });
    expect(failure.message).to.match(/ended with status 3 before it had a result. die is run 1/);
  });

  it('does a run once more in a fresh process where it died in a used one', async () => {
    const first = await run('a');
    expect(await run('die unless first')).not.to.equal(first);
    expect(log('die unless first')).to.deep.equal(['die unless first is run 1']);
  });

  it('ends what takes too long, and what is told to end', async () => {
    expect(await failureOf('hang', controllers(), 0.5)).to.include({ kind: 'too-slow' });
    for (const which of ['signal', 'stop'] as const) {
      const own = controllers();
      setTimeout(() => own[which].abort(), 300);
      expect(await run('hang', own)).to.equal(undefined);
    }
  });
});
