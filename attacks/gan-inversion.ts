/**
 * Gradient inversion with a generator (GRNN: Ren, Deng and Xie, Generative Regression Neural Network, 2022).
 *
 * The attacker has seen the gradient ∇W of a client's batch, and knows the model. A small network G draws images x′ and names
 * labels y′; the attacker computes what gradient ∇W′ the client would have sent for (x′, y′), and trains G until ∇W′ approaches
 * ∇W:
 *
 *   G ← G − η · ∂/∂G [ ‖∇W′ − ∇W‖² + tv · TV(x′) ]
 *
 * Once the gradients agree, the images are (nearly) the client's. Where the client adds noise inside its part, the draws are a
 * further unknown that is searched for together with G: ignoring them overstates the protection.
 */

import type { AttackEntry, PublicKnowledge } from '../src/contracts/attack.ts';
import { type Generator, grnn, latent } from '../src/models/generators/index.ts';
import { adam, type Optimizer, rmsprop } from '../src/models/optimizers.ts';
import { generated } from './matching/candidates.ts';
import type { Weighting } from './matching/distance.ts';
import {
  type GradientAttackOptions,
  gradientAttack,
  gradientAttackOptions,
  type Inverter,
} from './matching/gradient-attack.ts';
import { gradientMatching } from './matching/gradient-matching.ts';
import { gradientViews } from './matching/gradient-view.ts';
import { reconstructor } from './matching/reconstruct.ts';
import { descent, lowestOf, quasiNewton } from './matching/search.ts';

interface GanInversionOptions extends GradientAttackOptions {
  readonly preset: PresetName;
  readonly labels: 'optimize' | 'seen';
  readonly restarts?: number;
  readonly iterations?: number;
  readonly tv?: number;
}

type PresetName = keyof typeof presets;

/** How G is trained. */
interface Preset {
  readonly generator: Generator;
  readonly optimizer: Optimizer;
  readonly iterations: number;
  /** Learning rate after a share of the iterations. */
  readonly learningRate: (share: number) => number;
  readonly restarts: number;
  readonly tv: number;
  /** Of the distance: for one example, and for several. */
  readonly weighting: { readonly single: Weighting; readonly batch: Weighting };
  /** Evaluations of L-BFGS on G's parameters after the descent. */
  readonly polish: number;
}

const quick: Preset = {
  generator: latent,
  optimizer: adam(),
  iterations: 400,
  learningRate: (share) => 0.05 * (1 + Math.cos(Math.PI * share)), // from 0.1 to 0
  restarts: 2,
  tv: 1e-3,
  weighting: { single: 'per-layer', batch: 'global' },
  polish: 0,
};

const presets = {
  quick,
  thorough: { ...quick, polish: 800 },
  published: {
    generator: grnn,
    optimizer: rmsprop({ momentum: 0.99 }),
    iterations: 1000,
    learningRate: () => 1e-4,
    restarts: 1,
    tv: 1e-3,
    weighting: { single: 'grnn', batch: 'grnn' },
    polish: 0,
  },
} as const satisfies Readonly<Record<string, Preset>>;

export const ganInversion: AttackEntry = {
  name: 'gan-inversion',
  summary: 'train a generator until the gradient of what it draws approaches the gradient that was seen',
  options: {
    ...gradientAttackOptions,
    preset: {
      type: 'choice',
      choices: Object.keys(presets),
      default: 'quick',
      description:
        'quick: small generator, 400 steps of Adam, the better of 2 restarts; thorough: then 800 evaluations of L-BFGS; published: GRNN’s generator, 1,000 steps of RMSprop',
    },
    labels: {
      type: 'choice',
      choices: ['optimize', 'seen'],
      default: 'optimize',
      description: 'searched for like the images, or taken from the messages (view servers)',
    },
    restarts: {
      type: 'integer',
      min: 1,
      description: 'random starts, the lowest objective counts; default: the preset’s',
    },
    iterations: { type: 'integer', min: 1, description: 'steps of each start; default: the preset’s' },
    tv: { type: 'number', min: 0, description: 'weight of the total variation; default: the preset’s' },
  },
  sources: [
    'Ren, Deng and Xie 2022 (GRNN), Eq. 5–8; github.com/Rand2AI/GRNN',
    'Zhu et al. 2019 (DLG), Algorithm 1 for the labels as unknowns',
  ],
  defaultView: ({ hasServer }) => (hasServer ? 'servers' : 'server'),
  views: gradientViews,
  create: (values, view) => {
    const options = values as unknown as GanInversionOptions;
    if (options.labels === 'seen' && view !== 'servers') {
      throw new RangeError(`labels "seen" needs view "servers", but the view is "${view}", which shows none.`);
    }
    return gradientAttack({
      name: 'gan-inversion',
      view,
      options,
      steps: stepsOf(planOf(options)),
      prepare: (knowledge) => generatorTraining(knowledge, options),
    });
  },
};

/** The preset, but for what the options say themselves. */
function planOf(options: GanInversionOptions): Preset {
  const preset = presets[options.preset];
  const { restarts = preset.restarts, iterations = preset.iterations, tv = preset.tv } = options;
  return { ...preset, restarts, iterations, tv };
}

const stepsOf = ({ restarts, iterations, polish }: Preset) => restarts * iterations + polish;

/** Trains a generator for each victim batch, from several starts; the start that ends with the lowest objective counts. */
async function generatorTraining(knowledge: PublicKnowledge, options: GanInversionOptions): Promise<Inverter> {
  const { generator, optimizer, learningRate, weighting, polish, restarts, iterations, tv } = planOf(options);
  const matching = await gradientMatching({
    knowledge,
    candidate: generated(generator, knowledge.model),
    weighting: options.batch === 1 ? weighting.single : weighting.batch,
    noise: options.noise,
    tv,
  });
  const train = descent(matching, optimizer);
  const refine = quasiNewton(matching);
  const reconstruct = reconstructor(matching);

  return async ({ seen, batch, rng, onStep }) => {
    const visible = options.labels === 'seen' ? seen : { ...seen, labels: undefined };
    const { found, given } = await lowestOf({ restarts, rng }, async (own) => {
      const start = matching.start(visible, { batch, rng: own });
      return { given: start.given, found: await train(start, { iterations, learningRate, batch, rng: own, onStep }) };
    });
    if (polish === 0) return reconstruct({ given, found });
    const refined = await refine({ ...found, given }, { maxEvaluations: polish, onStep });
    const polishing = refined.path.map(({ step, objective }) => ({ step: step + iterations, objective }));
    return reconstruct({ given, found: { ...refined, path: [...found.path, ...polishing] } });
  };
}
