/** The user's own files behind `--data-dir`: what is said of them, and what is kept. */

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runCli } from './testing/run-cli.ts';

const experiment = (name: string) => `
name: own
data: { name: ${name} }
model: { name: mlp }
trainer: { name: centralized, rounds: 1, batchSize: 10 }
`;

describe('the user’s own data', () => {
  let folder = '';
  const path = (name: string) => join(folder, name);
  const put = (name: string, dimensions: readonly number[], value: (index: number) => number) => {
    const size = dimensions.reduce((product, dimension) => product * dimension, 1);
    const header = Buffer.alloc(4 + 4 * dimensions.length);
    header.writeUInt32BE(0x0800 + dimensions.length);
    dimensions.forEach((dimension, axis) => {
      header.writeUInt32BE(dimension, 4 + 4 * axis);
    });
    writeFileSync(path(name), Buffer.concat([header, Buffer.from(Array.from({ length: size }, (_, i) => value(i)))]));
  };
  const putSplits = (side: number, label: (index: number) => number) => {
    for (const split of ['train', 't10k']) {
      put(`${split}-images-idx3-ubyte`, [20, side, side], (i) => i % 256);
      put(`${split}-labels-idx1-ubyte`, [20], label);
    }
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutlayer-own-'));
    for (const name of ['mnist', 'idx']) writeFileSync(path(`${name}.yaml`), experiment(name));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('under the name of MNIST is noted on stderr, even quietly, and goes into the provenance', async () => {
    putSplits(28, (i) => i % 10);
    const request = [path('mnist.yaml'), '--data-dir', folder];
    const { status, stdout, stderr } = await runCli('run', ...request, '--out', path('out'), '--quiet');
    expect(status).to.equal(0);
    expect(stdout).to.match(/Written to .*provenance\.json, runs\/\.$/m); // no attack, so no pictures/
    expect(existsSync(join(path('out'), 'own', 'pictures'))).to.equal(false);
    expect(stderr).to.match(/^cutlayer: warning: data set "mnist": .* are not the published files .*\n$/);
    const { data } = JSON.parse(readFileSync(join(path('out'), 'own', 'provenance.json'), 'utf8'));
    const file = 'train-images-idx3-ubyte';
    const sha256 = createHash('sha256')
      .update(readFileSync(path(file)))
      .digest('hex');
    expect(data[0]).to.deep.equal({ dataset: 'mnist', file, sha256 });
    expect((await runCli('cost', ...request)).stderr).to.match(/warning: data set "mnist"/);
  });

  it('of another shape or with other labels is no MNIST', async () => {
    putSplits(20, (i) => i % 10);
    const shape = await runCli('run', path('mnist.yaml'), '--data-dir', folder, '--out', path('none'));
    expect(shape.status).to.equal(2);
    expect(shape.stderr).to.match(/train-images-idx3-ubyte has images of 20×20.*28×28.*data\.name: idx/);
    putSplits(28, (i) => i % 11);
    const labels = await runCli('run', path('mnist.yaml'), '--data-dir', folder, '--out', path('none'));
    expect(labels.status).to.equal(2);
    expect(labels.stderr).to.match(/train-labels-idx1-ubyte has the label 10 at position 10/);
  });

  it('with a class that has no example is noted', async () => {
    putSplits(8, (i) => 2 * (i % 3));
    const { status, stderr } = await runCli('run', path('idx.yaml'), '--data-dir', folder, '--dry-run');
    expect(status).to.equal(0);
    expect(stderr).to.match(
      /^cutlayer: warning: data set "idx": 2 of the classes 0 to 4 have no example in .*: 1, 3\./,
    );
  });
});
