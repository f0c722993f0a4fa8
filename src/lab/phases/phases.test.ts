import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ndarray } from '../../arrays/ndarray.ts';
import type { NdArray } from '../../contracts/array.ts';
import { fromDocument, toDocument } from './document.ts';
import { tryLease, underLease } from './lease.ts';
import { fromSafetensors, toSafetensors } from './safetensors.ts';
import { type PhaseRequest, type PhaseStore, phaseKey, phaseStore, storedPhases } from './store.ts';
import { pruneEntries, storedEntries } from './stored-entries.ts';

const value = {
  weights: [{ kernel: ndarray([2, 2], Float32Array.of(1, -2, 3.5, 4)) }, {}],
  labels: Int32Array.of(3, 1, 4),
  epsilon: Number.POSITIVE_INFINITY,
  empty: ndarray([0, 3], new Float32Array(0)),
};

describe('safetensors', () => {
  it('gives back what was written, bit for bit', () => {
    const { arrays } = toDocument(value);
    expect(fromSafetensors(toSafetensors(arrays))).to.deep.equal(arrays);
  });

  it('lays the file out as the format says', () => {
    const bytes = toSafetensors({ ω: ndarray([1], Float32Array.of(1)) });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).to.equal(0);
    const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString());
    expect(header).to.deep.equal({ ω: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } });
    expect([...bytes.subarray(8 + length)]).to.deep.equal([0, 0, 128, 63]); // 1.0, little-endian
  });

  it('refuses files that are cut off, and types that are not read', () => {
    const bytes = toSafetensors({ a: ndarray([2], Float32Array.of(1, 2)) });
    expect(() => fromSafetensors(bytes.subarray(0, 4))).to.throw(RangeError, /header/);
    expect(() => fromSafetensors(bytes.subarray(0, bytes.length - 1))).to.throw(RangeError, /"a" is cut off/);
    const other = Buffer.from(bytes).toString('latin1').replace('F32', 'F16');
    expect(() => fromSafetensors(Buffer.from(other, 'latin1'))).to.throw(RangeError, /F16/);
  });
});

describe('toDocument', () => {
  it('names arrays by their path, and puts them back', () => {
    const document = toDocument(value);
    expect(Object.keys(document.arrays)).to.deep.equal(['weights/0/kernel', 'labels', 'empty']);
    expect(fromDocument(document)).to.deep.equal(value);
    const { kernel } = value.weights[0] as { kernel: NdArray };
    expect(Object.keys(toDocument([kernel, { kernel }]).arrays)).to.deep.equal(['0']);
    expect(() => fromDocument({ json: { array: 'gone' }, arrays: {} })).to.throw(RangeError, /"gone"/);
  });
});

describe('phaseStore', () => {
  let folder = '';
  let warnings: string[] = [];
  let made = 0;
  const request = { phase: 'train', inputs: { seed: 1, epsilon: 2 } } as const;
  const store = (): PhaseStore => phaseStore({ folder, warn: (message) => warnings.push(message) });
  const make = async () => {
    made += 1;
    return value;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutlayer-phases-'));
    warnings = [];
    made = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes each outcome once, and gives it back as it was', async () => {
    expect(await store().getOrMake(request, make)).to.deep.equal(value);
    expect(await store().getOrMake({ ...request, inputs: { epsilon: 2, seed: 1 } }, make)).to.deep.equal(value);
    expect(made).to.equal(1);
    await store().getOrMake({ ...request, inputs: { seed: 2, epsilon: 2 } }, make);
    expect(made).to.equal(2);
    expect(readdirSync(folder).every((name) => /^train-[0-9a-f]{16}$/.test(name))).to.equal(true);
  });

  it('lets those who ask meanwhile wait for the one who makes it', async () => {
    const slowly = async () => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      return make();
    };
    const all = await Promise.all([1, 2, 3].map(() => store().getOrMake(request, slowly)));
    expect(made).to.equal(1);
    expect(all).to.deep.equal([value, value, value]);
  });

  it('does not wait where that is not asked for, and tells what is free', async () => {
    const stored = storedPhases(folder);
    expect(stored.isFree(request)).to.equal(true);
    const meanwhile = async () => {
      expect(stored.isFree(request)).to.equal(false);
      expect(await store().getOrMakeIfFree(request, make)).to.equal(undefined);
      return 'first';
    };
    expect(await store().getOrMakeIfFree(request, meanwhile)).to.equal('first');
    expect(stored.isFree(request)).to.equal(false);
    expect(await store().getOrMakeIfFree(request, make)).to.equal('first');
    expect(made).to.equal(0);
  });

  for (const [title, damage, expected] of [
    ['takes what another process has stored meanwhile', (place: string) => place, 'first'],
    [
      'puts its own in the place of a damaged one that another process has stored meanwhile',
      (place: string) => writeFileSync(join(place, 'phase.json'), '{'),
      'second',
    ],
  ] as const) {
    it(title, async () => {
      const place = join(folder, `train-${phaseKey(request)}`);
      const paused = async () => {
        rmSync(`${place}.lease`); // as another process does after a minute of silence
        await store().getOrMake(request, async () => 'first');
        damage(place);
        return 'second';
      };
      expect(await store().getOrMake(request, paused)).to.equal(expected);
      expect(await store().getOrMake(request, make)).to.equal(expected);
      expect(readdirSync(folder)).to.deep.equal([`train-${phaseKey(request)}`]);
    });
  }

  for (const [file, damage] of [
    ['phase.json', (bytes: Buffer) => bytes.toString().replace('"Infinity"', '"-Infinity"')],
    ['phase.json', (bytes: Buffer) => bytes.subarray(0, 20)],
    ['arrays.safetensors', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.of(7)])],
  ] as const) {
    it(`makes it again, with a warning, where ${file} is damaged`, async () => {
      await store().getOrMake(request, make);
      const place = join(folder, `train-${phaseKey(request)}`, file);
      writeFileSync(place, damage(readFileSync(place)));
      expect(await store().getOrMake(request, make)).to.deep.equal(value);
      expect(made).to.equal(2);
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.match(/train-[0-9a-f]{16} is damaged .* made again/);
    });
  }

  it('is pruned by when it was last used, and of what killed processes left', async () => {
    const other = { phase: 'record', inputs: { seed: 2 } } as const;
    await store().getOrMake(request, make);
    await store().getOrMake(other, make);
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
    const place = (of: PhaseRequest) => join(folder, `${of.phase}-${phaseKey(of)}`);
    utimesSync(place(request), daysAgo(12), daysAgo(12));
    utimesSync(place(other), daysAgo(10), daysAgo(10));
    mkdirSync(`${place(request)}.12345-0a1b2c3d.tmp`);
    expect(storedEntries(folder).map(({ phase, ageDays }) => [phase, Math.round(ageDays)])).to.deep.equal([
      ['train', 12],
      ['record', 10],
    ]);
    await store().getOrMake(request, make); // used today
    expect(pruneEntries(folder, 7).map(({ phase }) => phase)).to.deep.equal(['record']);
    expect(readdirSync(folder)).to.deep.equal([`train-${phaseKey(request)}`]);
    expect(pruneEntries(join(folder, 'none'), 0)).to.deep.equal([]);
  });

  it('keeps nothing of what failed, and lets the next one try', async () => {
    const fail = () => store().getOrMake(request, () => Promise.reject(new Error('diverged')));
    expect(await fail().catch(String)).to.match(/diverged/);
    expect(readdirSync(folder)).to.deep.equal([]);
    expect(await store().getOrMake(request, make)).to.deep.equal(value);
  });
});

describe('tryLease', () => {
  let folder = '';
  const file = () => join(folder, 'run.lease');
  const heldBy = (holder: string, secondsAgo: number) => {
    writeFileSync(file(), holder);
    const then = new Date(Date.now() - 1000 * secondsAgo);
    utimesSync(file(), then, then);
  };
  const deadPid = 2 ** 22 + 1; // above any that Linux gives

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutlayer-lease-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is one holder’s until it is given back', () => {
    const lease = tryLease(file());
    expect(lease).not.to.equal(undefined);
    expect(tryLease(file())).to.equal(undefined);
    lease?.giveBack();
    const next = tryLease(file());
    expect(next).not.to.equal(undefined);
    next?.giveBack();
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  for (const { title, holder, secondsAgo, isTaken } of [
    {
      title: 'takes over from a dead process of this machine',
      holder: `${deadPid} on ${hostname()}`,
      secondsAgo: 3,
      isTaken: true,
    },
    { title: 'leaves it to a living one', holder: `${process.pid} on ${hostname()}`, secondsAgo: 30, isTaken: false },
    {
      title: 'can’t see processes elsewhere, and waits',
      holder: `${deadPid} on elsewhere`,
      secondsAgo: 30,
      isTaken: false,
    },
    {
      title: 'takes over from whoever is silent for long',
      holder: `${deadPid} on elsewhere`,
      secondsAgo: 90,
      isTaken: true,
    },
  ]) {
    it(title, () => {
      heldBy(holder, secondsAgo);
      const lease = tryLease(file());
      expect(lease !== undefined).to.equal(isTaken);
      lease?.giveBack();
    });
  }

  it('stops waiting where it is told to', async () => {
    const lease = tryLease(file());
    const stop = AbortSignal.timeout(50);
    expect(await underLease(file(), async () => 'worked', stop).catch(({ name }: Error) => name)).to.equal(
      'AbortError',
    );
    lease?.giveBack();
  });
});
