import { expect } from 'chai';
import type { RunConfig, RunResult } from '../contracts/experiment.ts';
import type { Experiment } from '../lab/config/experiment.ts';
import type { SweepPlan } from '../lab/plan.ts';
import { madeConfig } from '../lab/testing/made-config.ts';
import { clock, estimator, shareOfRun } from './estimator.ts';
import { progressOn } from './progress.ts';

const runs = [1, 2, 3].map((seed) => ({ ...madeConfig, seed }));
const experiment = { name: 'made', runs } as unknown as Experiment;
const failure = { message: 'training diverged', stack: 'Error: training diverged\n  at train', lastLines: [] };
const done = { testAccuracy: 0.5 } as RunResult;

function plan({ failedBefore = false } = {}): SweepPlan {
  const failed = runs.map((_, index) => (failedBefore && index === 0 ? failure : undefined));
  const missing = runs.flatMap((_, index) => (failed[index] ? [] : [{ index }]));
  return { ...{ folder: 'out/made', jobs: 2, finished: [], failed, missing, bytes: 0 } } as unknown as SweepPlan;
}

/** What a terminal of so many columns shows in the end, and all that was written to it. */
function terminal(columns = 60) {
  const lines = [''];
  let [row, all] = [0, ''];
  return {
    isTTY: true,
    columns,
    write(text: string) {
      all += text;
      for (const part of text.replaceAll('\u001b', '␛').split(/(␛\[\d*[A-Z]|\r|\n)/)) {
        if (part.endsWith('A') && part.startsWith('␛')) row -= Number(part.slice(2, -1));
        else if (part === '␛[J') lines.splice(row, Number.POSITIVE_INFINITY, '');
        else if (part === '\n') lines[++row] ??= '';
        else if (part !== '\r') lines[row] += part;
      }
    },
    shown: () => lines.filter((line) => line !== ''),
    all: () => all,
  };
}

const options = { isQuiet: false, isVerbose: false, isJson: false };

describe('progress of a sweep', () => {
  it('is a table of the runs in hand on a terminal, drawn in one place', () => {
    const screen = terminal();
    const observer = progressOn(screen, experiment, options);
    observer.onStart(plan());
    observer.onProgress(0, 'train', 0.5);
    observer.onProgress(1, 'train', 0.25);
    observer.onDone(0, done);
    const [start, ...table] = screen.shown();
    expect(start).to.match(/^made: 3 runs, 2 at a time; results in out\/made/);
    expect(table).to.have.length(2);
    expect(table[0]).to.match(/^1 of 3 runs done, about \d+:\d\d left$/);
    expect(table[1]).to.match(/seed 2 +train +25 % +0:00$/);
    observer.onFailed(1, failure);
    const [, failed, log, last, ...more] = screen.shown();
    expect(failed).to.equal('run 2 (none, seed 2) failed: training diverged');
    expect(log).to.match(/^ {2}its log: out\/made\/runs\/[0-9a-f]{12}\/log\.txt$/);
    expect(last).to.match(/^1 of 3 runs done, 1 failed/);
    expect(more).to.deep.equal([]);
    observer.onEnd();
    expect(screen.shown().join()).not.to.match(/runs done/);
    expect(screen.all().replaceAll('\u001b', '␛')).not.to.match(/␛\[[\d;]*m/); // no colour, whatever NO_COLOR says
  });

  it('never wraps, which would spoil the place', () => {
    const screen = terminal(20);
    const observer = progressOn(screen, experiment, options);
    observer.onStart({ ...plan(), folder: '' });
    observer.onProgress(0, 'attack with a long name', 0.5);
    observer.onDone(1, done);
    for (const line of screen.shown().slice(1)) expect(line.length).to.be.below(20);
  });

  it('is a line for each finished run elsewhere, without codes for a terminal', () => {
    for (const isTTY of [false, true]) {
      const screen = { ...terminal(), isTTY };
      const term = process.env['TERM'];
      process.env['TERM'] = 'dumb';
      const observer = progressOn(screen, experiment, options);
      process.env['TERM'] = term;
      observer.onStart(plan());
      for (const index of [0, 1, 2]) {
        observer.onProgress(index, 'train', 1);
        observer.onDone(index, done);
      }
      observer.onEnd();
      expect(screen.all()).not.to.contain('\u001b');
      expect(screen.shown()).to.have.length(4);
      expect(screen.shown()[3]).to.match(/^run 3 of 3 done \(none, seed 3\): accuracy 50\.0 %/);
    }
  });

  it('says why runs failed before, and where to read on, even quietly', () => {
    for (const isQuiet of [false, true]) {
      const screen = { ...terminal(), isTTY: false };
      progressOn(screen, experiment, { ...options, isQuiet }).onStart(plan({ failedBefore: true }));
      expect(screen.all()).to.match(
        /run 1 \(none, seed 1\) failed before: training diverged\n {2}its log: out\/made\/runs\//,
      );
    }
  });

  it('is one JSON document a line where it was asked for', () => {
    const screen = terminal();
    const observer = progressOn(screen, experiment, { ...options, isJson: true });
    observer.onStart(plan({ failedBefore: true }));
    observer.onDone(1, done);
    const events = screen.shown().map((line) => JSON.parse(line).event);
    expect(events).to.deep.equal(['start', 'failed-before', 'done']);
  });
});

describe('shareOfRun', () => {
  it('takes phases as equally long, and tells attacks of one name apart', () => {
    const config = { attacks: [{ name: 'a' }, { name: 'b' }, { name: 'a' }] } as unknown as RunConfig;
    const shares = ['train', 'attack a', 'attack b', 'attack a 2'].map((phase) => shareOfRun(config, phase, 0.5));
    expect(shares).to.deep.equal([0.125, 0.375, 0.625, 0.875]);
  });
});

describe('estimator', () => {
  it('takes what is left to go as fast as what is done', () => {
    let now = 0;
    const left = estimator(() => now);
    left.start(plan());
    expect(left.remaining()).to.equal('');
    now = 60_000;
    left.progress(0, 1);
    expect(left.remaining()).to.equal(', about 2:00 left'); // one of three took a minute
    left.progress(1, 0.5);
    expect(left.remaining()).to.equal(', about 1:00 left');
    for (const index of [1, 2]) left.progress(index, 1);
    expect(left.remaining()).to.equal('');
  });

  it('writes hours where there are some', () => {
    expect([0, 59.6, 3599, 7323].map(clock)).to.deep.equal(['0:00', '1:00', '59:59', '2:02:03']);
  });
});
