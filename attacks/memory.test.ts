import { expect } from 'chai';
import { seededRng } from '../src/arrays/rng.ts';
import { useEngine } from '../src/compile/engine.ts';
import { buildStats } from '../src/compile/stats.ts';
import { tf } from '../src/compile/tf.ts';
import type { AttackEntry, AttackOnView, ViewName } from '../src/contracts/attack.ts';
import type { OptionValues } from '../src/contracts/options.ts';
import { observe } from '../src/training/testing/observed.ts';
import { blobs, smallModel, smallTask } from '../src/training/testing/small-task.ts';
import { train } from '../src/training/train.ts';
import { attacks } from './index.ts';
import { withDefaults } from './testing/defaults.ts';

/** What would grow: tensors and their data in TensorFlow.js, and functions built for ONNX Runtime. */
function held() {
  const { numTensors, numDataBuffers } = tf.memory();
  return { numTensors, numDataBuffers, builds: buildStats().length };
}

const settings: Readonly<Record<string, Parameters<typeof smallTask>[0]>> = {
  'splitfed-v1': { trainer: 'splitfed-v1' },
  'splitfed-v1 with the messages sent': { trainer: 'splitfed-v1', mode: 'messages' },
  'splitfed-v2, optimizers kept': {
    trainer: 'splitfed-v2',
    config: { optimizer: { name: 'adam', learningRate: 0.01, state: 'keep' } },
  },
  'federated with DP-SGD, whose lots have any size': {
    trainer: 'federated',
    gradientRule: { clipNorm: 1, noiseMultiplier: 1 },
  },
};

async function attacked(entry: AttackEntry, options: OptionValues, victims: readonly number[]) {
  const view = entry.views[0] as ViewName;
  const attack = entry.create(withDefaults(entry, options), view) as AttackOnView<ViewName>;
  const batches = victims.map((index) => [index]);
  const seen = await observe<ViewName>({ model: smallModel(), cut: 2, view, data: blobs(20, 'train'), batches });
  const before = held();
  await attack.run(seen.observations, seen.knowledge, { rng: seededRng(1), progress: () => {} });
  const after = held();
  return {
    tensors: after.numTensors - before.numTensors,
    data: after.numDataBuffers - before.numDataBuffers,
    builds: after.builds - before.builds,
  };
}

for (const engine of ['onnx', 'cpu'] as const) {
  describe(`memory with engine ${engine}`, () => {
    before(() => useEngine(engine));
    after(() => useEngine('onnx'));

    for (const [name, task] of Object.entries(settings)) {
      it(`does not grow over rounds of ${name}`, async () => {
        const after: ReturnType<typeof held>[] = [];
        const rounds = engine === 'cpu' ? 3 : 6;
        await train(smallTask({ ...task, config: { ...task.config, rounds } }), {
          afterRound: () => after.push(held()),
        });
        expect(after).to.have.lengthOf(rounds);
        for (const later of after.slice(1)) expect(later).to.deep.equal(after[0]); // the first round builds everything
      });
    }

    for (const entry of attacks) {
      it(`does not grow over victims and iterations of ${entry.name}`, async () => {
        const short = { iterations: 2, epochs: 1, restarts: 1, hidden: 4, filters: 2 };
        const few = await attacked(entry, short, [0, 1, 2, 3]);
        const many = await attacked(entry, { ...short, iterations: 5, epochs: 3, restarts: 2 }, [0, 1, 2, 3]);
        for (const after of [few, many]) expect(after).to.include({ tensors: 0, data: 0 });
        const alone = await attacked(entry, short, [0]);
        // Each function at most for four victims at once, for two and for one.
        expect(many.builds).to.be.at.most(3 * alone.builds);
        expect(few.builds).to.be.at.most(3 * alone.builds);
      });
    }
  });
}
