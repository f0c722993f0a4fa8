import { expect } from 'chai';
import { useEngine } from '../../compile/engine.ts';
import { loadable } from '../../compile/testing/engines.ts';
import { type Tensor, tf } from '../../compile/tf.ts';
import type { DatasetEntry } from '../../contracts/dataset.ts';
import { examineDatasets } from './datasets.ts';
import { type Diagnosis, examineNode, report } from './diagnosis.ts';
import { lossWith, testSecondDerivatives } from './second-derivatives.ts';

/** As TensorFlow.js has it: the gradient is written with the saved output. */
const uncuredSigmoid = tf.customGrad((x, save) => {
  const y = tf.div(1, tf.add(1, tf.exp(tf.neg(x as Tensor))));
  (save as (tensors: Tensor[]) => void)([y]);
  return {
    value: y,
    gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(dy, tf.mul(saved[0] as Tensor, tf.sub(1, saved[0] as Tensor))),
  };
});

const nothing: Diagnosis = {
  ok: true,
  version: '1.0.0',
  node: examineNode('20.19.0'),
  engines: [],
  datasets: [],
  optional: [],
};

describe('doctor', () => {
  for (const engine of ['onnx', 'tensorflow', 'cpu'] as const) {
    it(`finds the second derivatives of engine ${engine} right, and notices wrong ones`, async function () {
      await loadable(this, engine);
      await useEngine(engine);
      expect(await testSecondDerivatives()).to.deep.include({ ok: true });
      const { ok, relativeError } = await testSecondDerivatives((at) => lossWith(uncuredSigmoid, at));
      expect(ok).to.equal(false);
      expect(relativeError).to.be.above(0.05);
    });
  }

  it('wants Node 20.19 or newer', () => {
    expect(['18.20.0', '20.18.3', '20.19.0', '22.0.0'].map((version) => examineNode(version).ok)).to.deep.equal([
      false,
      false,
      true,
      true,
    ]);
  });

  it('looks in the user’s folder for what is not found without', async () => {
    const data = { size: 3 } as Awaited<ReturnType<DatasetEntry['load']>>['train'];
    const entry: DatasetEntry = {
      name: 'own',
      summary: '',
      options: {},
      sources: [],
      load: async ({ dir }) => {
        if (dir === undefined) throw new Error('data set "own" needs a folder.');
        return { train: data, test: data, files: [], warnings: ['its class 2 is empty.'] };
      },
    };
    const [without] = await examineDatasets([entry], undefined);
    expect(without).to.deep.include({ ok: false, reason: 'data set "own" needs a folder.' });
    const [found] = await examineDatasets([entry], 'folder');
    expect(found).to.deep.include({ ok: true, examples: { train: 3, test: 3 } });
    const said = report({ ...nothing, datasets: found ? [found] : [] }).join('\n');
    expect(said).to.match(/own {2}3 \+ 3 examples, files checked; its class 2 is empty\.$/m);
  });

  it('says what does not work', () => {
    const diagnosis: Diagnosis = {
      ok: false,
      version: '1.0.0',
      node: examineNode('20.19.0'),
      engines: [{ name: 'onnx', required: true, ok: false, reason: 'it does\nRequire stack:\n- file.js\nnot load' }],
      datasets: [{ name: 'idx', required: false, ok: false, reason: 'needs a folder' }],
      optional: [],
    };
    const lines = report(diagnosis).join('\n');
    expect(lines).to.match(/✗ {2}onnx {2}it does not load/);
    expect(lines).to.match(/– {2}idx {2}needs a folder/);
    expect(lines).to.match(/does not work\.$/);
  });
});
