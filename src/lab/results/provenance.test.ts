import { expect } from 'chai';
import type { RunResult } from '../../contracts/experiment.ts';
import { provenanceOf } from './provenance.ts';

/** Of what provenance looks at. */
function result(dataset: string, sha256: string): RunResult {
  const dataFiles = [{ file: 'train-images-idx3-ubyte', sha256 }];
  return { config: { seed: 1, data: { name: dataset } }, dataFiles } as unknown as RunResult;
}

describe('provenanceOf', () => {
  it('keeps the checksums of data sets whose files have the same names apart, and each once', () => {
    const { data } = provenanceOf({
      conditions: { code: 'c', engine: 'cpu', threads: 1, noise: 'seeded' },
      ...{ engineVersions: {}, version: '1', argv: [], jobs: 1 },
      results: [result('mnist', 'aa'), result('fashion-mnist', 'bb'), result('mnist', 'aa')],
    }) as { data: object[] };
    expect(data).to.deep.equal([
      { dataset: 'mnist', file: 'train-images-idx3-ubyte', sha256: 'aa' },
      { dataset: 'fashion-mnist', file: 'train-images-idx3-ubyte', sha256: 'bb' },
    ]);
  });
});
