/** What all gradient inversions have in common: which view they take, what is recorded for them, all victim batches in step. */

import { inLockstep } from '../../src/compile/lockstep.ts';
import type { AnyAttack, PublicKnowledge, Reconstruction, ViewName } from '../../src/contracts/attack.ts';
import type { OptionSpec } from '../../src/contracts/options.ts';
import type { Rng } from '../../src/contracts/rng.ts';
import { attackOnView, type SeenGradient } from './gradient-view.ts';
import type { NoiseHandling } from './noise.ts';

/** Options of every gradient inversion. */
export interface GradientAttackOptions {
  readonly victims: number;
  readonly batch: number;
  readonly round: number;
  readonly noise: NoiseHandling;
  readonly knowsServer: boolean;
}

export const gradientAttackOptions = {
  victims: { type: 'integer', min: 1, default: 8, description: 'training images of client 0 that are attacked' },
  batch: { type: 'integer', min: 1, default: 1, description: 'images in one gradient' },
  round: {
    type: 'integer',
    min: 1,
    infinite: true,
    default: 1,
    description: 'the gradient attacked is of the weights before this round; .inf: of the trained model',
  },
  noise: {
    type: 'choice',
    choices: ['joint', 'ignore', 'average'],
    default: 'joint',
    description: 'draws of the client’s noise layers: searched for with the image, taken as 0, or averaged over',
  },
  knowsServer: {
    type: 'boolean',
    default: true,
    description: 'fed-server: the main server lends its parameters; without them no image is recovered',
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** One seen gradient to be inverted. */
export interface Inversion {
  readonly seen: SeenGradient;
  readonly batch: number;
  readonly rng: Rng;
  /** To be called after each step of the search. */
  readonly onStep: () => void;
}

export type Inverter = (inversion: Inversion) => Promise<Reconstruction>;

export interface GradientAttackDesign {
  readonly name: string;
  readonly view: ViewName;
  readonly options: GradientAttackOptions;
  /** Of one victim batch's search, at most. */
  readonly steps: number;
  /** Called once a run, so that what is compiled serves all victims. */
  readonly prepare: (knowledge: PublicKnowledge) => Promise<Inverter>;
}

/** @throws RangeError for a view that holds no gradient of the client part. */
export function gradientAttack({ name, view, options, steps, prepare }: GradientAttackDesign): AnyAttack {
  const { victims, batch, round } = options;
  return attackOnView(view, options, (source) => ({
    name,
    threatModel: { view: source.view, conduct: 'honest-but-curious', knows: source.knows },
    probe: {
      round: Number.isFinite(round) ? round : 'end',
      victims,
      batch,
      releases: 1,
      auxiliary: 0,
    },
    run: async (observations, knowledge, { rng, progress }) => {
      const invert = await prepare(knowledge);
      const progressOf = searchProgress(progress, { searches: observations.length, steps });
      const victim =
        (index: number, { releases, batchSize }: (typeof observations)[number]) =>
        async () => {
          const [release] = releases;
          if (!release) throw new RangeError(`observation ${index} holds no release, but ${name} needs one.`);
          const own = rng.fork(`victim-${index}`);
          const { onStep, onEnd } = progressOf();
          const seen = source.read(release, knowledge, own);
          const result = await invert({ seen, batch: batchSize, rng: own, onStep });
          onEnd();
          return result;
        };
      return inLockstep(observations.map((observation, index) => victim(index, observation)));
    },
  }));
}

interface Searches {
  readonly searches: number;
  /** Of each, at most. */
  readonly steps: number;
}

/** Progress of searches that go on at a time, told of each further percent. */
function searchProgress(progress: (share: number) => void, { searches, steps }: Searches) {
  let taken = 0;
  let told = 0;
  const advance = (by: number) => {
    taken += by;
    const percent = Math.floor((100 * taken) / (searches * steps));
    if (percent > told) progress(percent / 100);
    told = percent;
  };
  return () => {
    let left = steps; // one that ends early counts as whole
    const take = (count: number) => {
      left -= count;
      advance(count);
    };
    return { onStep: () => take(Math.min(1, left)), onEnd: () => take(left) };
  };
}
