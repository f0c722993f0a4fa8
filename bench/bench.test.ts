import { expect } from 'chai';
import { peerNames } from './bench.ts';
import { benchmarks } from './benchmarks.ts';
import { entries, runBenchmarks } from './index.ts';
import { beside, inBothOrders } from './measure.ts';
import { startPeer } from './peer.ts';
import type { Side } from './side.ts';

/** Runs with another interpreter than the user's. */
async function withPython<T>(python: string, run: () => Promise<T>): Promise<T> {
  const before = process.env['CUTLAYER_PYTHON'];
  process.env['CUTLAYER_PYTHON'] = python;
  try {
    return await run();
  } finally {
    if (before === undefined) delete process.env['CUTLAYER_PYTHON'];
    else process.env['CUTLAYER_PYTHON'] = before;
  }
}

const quick = { threads: 1, iterations: 1 };

describe('benchmarks', () => {
  it('have names of their own', () => {
    const names = entries.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
  });

  it('refuse a name that does not exist and list those that do', async () => {
    const refusal = await runBenchmarks(['lenet'], 'pytorch').then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refusal).to.be.instanceOf(RangeError);
    expect((refusal as Error).message).to.include(entries.map(({ name }) => name).join(', '));
  });

  for (const benchmark of benchmarks) {
    it(`${benchmark.name} can be repeated`, async () => {
      const { iterate } = await benchmark.prepare();
      await iterate();
      await iterate(); // training steps hand weights on
    }).timeout(120_000);
  }

  it('give rows with the fields of the contract; without a peer its figures are null and the reason is given', async () => {
    const seen: string[] = [];
    const [row] = await withPython('/nowhere/python', () =>
      runBenchmarks(['deep-leakage-1'], 'pytorch', ({ name }) => seen.push(name)),
    );
    expect(Object.keys(row ?? {})).to.have.members([
      ...['name', 'oursMs', 'peerMs', 'ratio', 'threads', 'peer', 'peerVersion', 'reason', 'buildMs', 'target'],
      ...['oursCpuMs', 'peerCpuMs', 'cpuRatio', 'oursPeakMb', 'peerPeakMb'],
    ]);
    expect(row).to.include({ name: 'deep-leakage-1', peerMs: null, ratio: null, threads: 1, peer: 'pytorch' });
    expect(row?.peerVersion).to.equal(null);
    expect(row?.oursMs).to.be.above(0);
    expect(row?.reason).to.match(/\/nowhere\/python does not start/); // not the interpreter that was not asked for
    expect(seen).to.deep.equal(['deep-leakage-1']);
  });
});

describe('figures of rounds', () => {
  const costs = (times: readonly number[]) => times.map((ms) => ({ wallMs: ms, cpuMs: 2 * ms, peakMb: ms }));

  it('are medians, of an even number of rounds too', () => {
    const odd = beside([costs([3, 1, 2]), costs([1, 1, 1])]);
    expect(odd).to.include({ oursMs: 2, peerMs: 1, ratio: 2, oursCpuMs: 4, oursPeakMb: 3 });
    const even = beside([costs([1, 2, 4, 8]), costs([1, 1, 2, 2])]);
    expect(even).to.include({ oursMs: 3, peerMs: 1.5, ratio: 2, cpuRatio: 2 });
  });
});

describe('two processes of each side', () => {
  /** Notes what is asked of each side. */
  function recorded() {
    const log: string[] = [];
    let count = 0;
    const starter =
      (side: string, fails: 'round' | undefined = undefined) =>
      async (): Promise<Side> => {
        const name = `${side}${count++}`;
        log.push(`start ${name}`);
        const round = async () => {
          log.push(`round ${name}`);
          if (fails) throw new Error(`${name} fails`);
          return { wallMs: 1, cpuMs: 1, peakMb: 1 };
        };
        return { version: '1', check: [count], round, stop: () => log.push(`stop ${name}`) };
      };
    return { log, starter };
  }

  it('start in both orders, take turns, and are stopped', async () => {
    const { log, starter } = recorded();
    const both = await inBothOrders(starter('ours'), starter('theirs'), (pairs) => {
      log.push(`check ${pairs.map(({ ours, theirs }) => [ours.check[0], theirs.check[0]]).join()}`);
    });
    expect(both.figures).to.include({ ratio: 1 });
    const sides = ['ours0', 'theirs1', 'theirs2', 'ours3'];
    expect(log.slice(0, 5)).to.deep.equal([...sides.map((name) => `start ${name}`), 'check 1,2,4,3']);
    expect(log.slice(5, 9)).to.deep.equal(sides.map((name) => `round ${name}`));
    expect(log.slice(-4)).to.deep.equal(sides.map((name) => `stop ${name}`));
    expect(log).to.have.length(4 + 1 + 4 * (2 + 5) + 4); // two rounds that do not count, and five
  });

  it('are stopped before any round where they do not agree, and when one fails', async () => {
    const differing = recorded();
    const refused = inBothOrders(differing.starter('ours'), differing.starter('theirs'), () => {
      throw new Error('they differ');
    });
    expect(await refused.catch(({ message }) => message)).to.equal('they differ');
    expect(differing.log.filter((entry) => entry.startsWith('stop'))).to.have.length(4);
    expect(differing.log.some((entry) => entry.startsWith('round'))).to.equal(false);
    const failing = recorded();
    const failed = inBothOrders(failing.starter('ours'), failing.starter('theirs', 'round'));
    expect(await failed.catch(({ message }) => message)).to.equal('theirs1 fails');
    expect(failing.log.filter((entry) => entry.startsWith('stop'))).to.have.length(4);
  });

  it('are not started further where the peer is not there', async () => {
    const { log, starter } = recorded();
    const answer = await inBothOrders(starter('ours'), async () => ({ reason: 'not here' }));
    expect(answer).to.deep.equal({ reason: 'not here' });
    expect(log).to.deep.equal(['start ours0', 'stop ours0']);
  });
});

describe('a peer', () => {
  it('that does not answer in JSON is said not to', async () => {
    const peer = withPython('echo', () => startPeer('pytorch', { benchmark: 'lenet5-step-64', ...quick }));
    expect(await peer.catch(({ message }) => message)).to.match(/must answer in JSON, but said: .*lenet5-step-64/);
  });

  it('that ends without a word is said to have ended', async () => {
    const peer = await withPython('true', () => startPeer('pytorch', { benchmark: 'lenet5-step-64', ...quick }));
    expect(peer).to.deep.equal({ reason: 'the peer ended at once' });
  });

  for (const peer of peerNames) {
    describe(`with ${peer}`, () => {
      /** The peer, or nothing where it is not installed: then the test is skipped, with the reason in its title. */
      async function started(context: Mocha.Context, benchmark: string): Promise<Side | undefined> {
        const answer = await startPeer(peer, { benchmark, ...quick });
        if (!('reason' in answer)) return answer;
        expect(answer.reason).to.match(/is not installed|does not start|no peer script/); // not a mistake of the script
        if (context.test) context.test.title += ` (${answer.reason})`;
        return undefined;
      }

      for (const { name, targets, beside } of benchmarks) {
        if (targets[peer] === undefined || beside !== undefined) continue;
        it(`knows ${name}: gives its version, then what each round cost`, async function () {
          const answer = await started(this, name);
          if (!answer) return this.skip();
          expect(answer.version).to.match(/^\d+\.\d+/);
          for (const cost of [await answer.round(), await answer.round()]) {
            for (const figure of Object.values(cost)) expect(figure).to.be.above(0); // not NaN
          }
          answer.stop();
        }).timeout(120_000);
      }

      it('says what it does not know', async function () {
        const known = await started(this, benchmarks[0]?.name ?? '');
        if (!known) return this.skip();
        known.stop();
        const answer = await startPeer(peer, { benchmark: 'resnet', ...quick });
        expect('reason' in answer && answer.reason).to.match(/peer has no benchmark resnet/);
      }).timeout(120_000);
    });
  }
});
