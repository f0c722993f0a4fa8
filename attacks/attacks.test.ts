import { expect } from 'chai';
import { seededRng } from '../src/arrays/rng.ts';
import type { AnyAttack, AttackOnView, Reconstruction, Secrets, ViewName } from '../src/contracts/attack.ts';
import type { OptionValues } from '../src/contracts/options.ts';
import { optionSchema } from '../src/lab/config/option-schema.ts';
import { type Observed, observe } from '../src/training/testing/observed.ts';
import { blobs, smallModel } from '../src/training/testing/small-task.ts';
import { attacks } from './index.ts';
import { withDefaults } from './testing/defaults.ts';

const allViews: readonly ViewName[] = ['server', 'main-server', 'fed-server', 'servers'];

/** Cheap settings, where an attack has the option. */
const cheap: OptionValues = {
  victims: 3,
  batch: 2,
  iterations: 6,
  restarts: 1,
  epochs: 1,
  auxiliary: 24,
  hidden: 8,
  filters: 4,
};

async function observed(attack: AnyAttack): Promise<Observed<ViewName>> {
  const { batch, releases, victims } = attack.probe;
  const batches = Array.from({ length: Math.ceil(victims / batch) }, (_, part) =>
    Array.from({ length: Math.min(batch, victims - part * batch) }, (__, i) => part * batch + i),
  );
  const view = attack.threatModel.view;
  const scene = { model: smallModel(), cut: 2, data: blobs(20, 'train'), auxiliary: blobs(24, 'test') };
  return observe<ViewName>({ ...scene, view, batches, releases });
}

interface Outcome {
  readonly results: readonly Reconstruction[];
  readonly progress: readonly number[];
}

/** Runs an attack with the secrets that its threat model names, and no others. */
async function run(attack: AnyAttack, seen: Observed<ViewName>, seed = 5): Promise<Outcome> {
  const { model, cut, gradientRule, normaliser, ...secrets } = seen.knowledge;
  const { threatModel, run: start } = attack as AttackOnView<ViewName>;
  const known = Object.fromEntries(threatModel.knows.map((name) => [name, secrets[name]])) as unknown as Secrets;
  const progress: number[] = [];
  const results = await start(
    seen.observations,
    { model, cut, gradientRule, normaliser, ...known },
    { rng: seededRng(seed), progress: (share) => progress.push(share) },
  );
  return { results, progress };
}

for (const entry of attacks) {
  describe(`attack ${entry.name} keeps the contract`, () => {
    it('describes itself', () => {
      expect(entry.name).to.match(/^[a-z]+(-[a-z]+)*$/);
      expect(entry.summary).to.match(/^[^\n]{20,120}$/);
      expect(entry.sources).to.not.have.lengthOf(0);
    });

    it('has defaults that its own table allows', () => {
      for (const [name, spec] of Object.entries(entry.options)) {
        expect(spec.description, name).to.not.equal('');
        if (spec.default !== undefined) expect(optionSchema(spec).safeParse(spec.default).success, name).to.equal(true);
      }
    });

    it('takes a view of its own where none is named', () => {
      expect(entry.views).to.include(entry.defaultView({ hasServer: true }));
      expect(entry.views).to.include(entry.defaultView({ hasServer: false }));
    });

    it('refuses every other view and says what is allowed', () => {
      for (const view of allViews.filter((name) => !entry.views.includes(name))) {
        const refusal = () => entry.create(withDefaults(entry, cheap), view);
        expect(refusal, view).to.throw(RangeError, new RegExp(`view must be .*${entry.views.join('.*')}.*"${view}"`));
      }
    });

    for (const view of entry.views) {
      describe(`with view ${view}`, () => {
        const attack = entry.create(withDefaults(entry, cheap), view);

        it('states that view in its threat model, and asks for what its options say', () => {
          expect(attack.name).to.equal(entry.name);
          expect(attack.threatModel.view).to.equal(view);
          expect(attack.probe.victims).to.equal(3);
          expect(attack.probe.batch).to.be.within(1, 3);
          expect(attack.probe.auxiliary > 0).to.equal(attack.threatModel.knows.some((name) => name === 'auxiliary'));
        });

        it('attacks any round, and the trained model', () => {
          const at = (round: number) => entry.create(withDefaults(entry, { ...cheap, round }), view).probe.round;
          expect([at(3), at(Number.POSITIVE_INFINITY)]).to.deep.equal([3, 'end']);
        });

        it('gives one reconstruction an observation, with the size of its batch, also of a smaller last one', async () => {
          const seen = await observed(attack);
          const { results, progress } = await run(attack, seen);
          expect(results.map(({ images }) => images?.shape)).to.deep.equal(seen.images.map(({ shape }) => shape));
          for (const { images, labels, objective, path } of results) {
            expect(objective).to.satisfy(Number.isFinite);
            for (const value of images?.data ?? []) expect(value).to.be.within(0, 1); // false for NaN
            if (labels) expect(labels).to.have.lengthOf(images?.shape[0] as number);
            for (const label of labels ?? []) expect(label).to.be.within(0, 2);
            for (const [index, point] of (path ?? []).entries()) {
              expect(point.step).to.be.above(path?.[index - 1]?.step ?? 0);
              expect(point.objective).to.satisfy(Number.isFinite);
            }
          }
          expect(progress.at(-1)).to.equal(1);
          expect(progress.every((share, i) => share >= (progress[i - 1] ?? 0) && share <= 1)).to.equal(true);
        });

        it('is the same for a seed, and another for another', async () => {
          const seen = await observed(attack);
          const [once, again, other] = [await run(attack, seen), await run(attack, seen), await run(attack, seen, 6)];
          expect(again.results).to.deep.equal(once.results);
          expect(other.results).to.not.deep.equal(once.results);
        });
      });
    }
  });
}
