import { expect } from 'chai';
import type { RunResult } from '../../contracts/experiment.ts';
import { madeConditions as conditions, madeOrigin } from '../testing/made-conditions.ts';
import type { Origin } from './origin.ts';
import { provenanceOf } from './provenance.ts';
import { runIdOf } from './run-id.ts';
import type { StoredRun } from './store.ts';

/** Of what provenance looks at. */
function run({ dataset = 'mnist', sha256 = 'aa', seed = 1, origin = madeOrigin }): StoredRun {
  const dataFiles = [{ file: 'train-images-idx3-ubyte', sha256 }];
  const result = { config: { seed, data: { name: dataset } }, dataFiles } as unknown as RunResult;
  return { conditions, origin, result };
}

interface Provenance {
  readonly argv: readonly string[];
  readonly data: readonly object[];
  readonly made: readonly (Origin & { readonly runs: readonly string[] })[];
}

const written = (runs: readonly StoredRun[], origin = madeOrigin) =>
  provenanceOf({ conditions, origin, runs }) as Provenance;

describe('provenanceOf', () => {
  it('keeps the checksums of data sets whose files have the same names apart, and each once', () => {
    const { data } = written([run({}), run({ dataset: 'fashion-mnist', sha256: 'bb' }), run({})]);
    expect(data).to.deep.equal([
      { dataset: 'mnist', file: 'train-images-idx3-ubyte', sha256: 'aa' },
      { dataset: 'fashion-mnist', file: 'train-images-idx3-ubyte', sha256: 'bb' },
    ]);
  });

  it('says of each run how it was made, not how the last ones were', () => {
    const later: Origin = { ...madeOrigin, argv: ['cutlayer', 'run', 'b.yaml'], git: { commit: 'f00', isDirty: true } };
    const runs = [run({ seed: 1 }), run({ seed: 2, origin: later }), run({ seed: 3 })];
    const [first, second, third] = runs.map(({ result }) => runIdOf(result.config));
    const { argv, made } = written(runs, later);
    expect(argv).to.deep.equal(later.argv); // of the command that wrote the file
    expect(made).to.deep.equal([
      { ...madeOrigin, runs: [first, third] },
      { ...later, runs: [second] },
    ]);
  });
});
