/**
 * Deep leakage from gradients (DLG: Zhu, Liu and Han 2019): pixels and label logits are free variables, started from noise and
 * moved until the gradient that they would have caused is the one that was seen.
 *
 *   (x, y) ← arg min ‖∇W(x, softmax(y)) − ∇W‖² ÷ ‖∇W‖²
 *
 * The published objective is not divided, and the search ends at 1e-6; the share makes one tolerance fit every model.
 *
 * With `labels: infer` the label is read off the last layer's gradient first, and only the pixels are searched (iDLG: Zhao, Mopuri
 * and Bilen 2020). Needs a smooth model: through ReLU and max-pooling the objective has no useful slope.
 */

import type { AttackEntry, PublicKnowledge } from '../src/contracts/attack.ts';
import { adam } from '../src/models/optimizers.ts';
import { pixels } from './matching/candidates.ts';
import {
  type GradientAttackOptions,
  gradientAttack,
  gradientAttackOptions,
  type Inverter,
} from './matching/gradient-attack.ts';
import { gradientMatching } from './matching/gradient-matching.ts';
import { gradientViews, type SeenGradient } from './matching/gradient-view.ts';
import { inferLabel } from './matching/infer-label.ts';
import { reconstructor } from './matching/reconstruct.ts';
import { descent, lowestOf, quasiNewton } from './matching/search.ts';

interface DeepLeakageOptions extends GradientAttackOptions {
  readonly labels: 'optimize' | 'infer' | 'seen';
  readonly optimizer: 'l-bfgs' | 'adam';
  readonly restarts: number;
  readonly iterations: number;
  readonly learningRate: number;
  readonly tolerance: number;
  readonly tv: number;
}

export const deepLeakage: AttackEntry = {
  name: 'deep-leakage',
  summary: 'move pixels and labels until their gradient is the one that was seen (DLG, iDLG)',
  options: {
    ...gradientAttackOptions,
    labels: {
      type: 'choice',
      choices: ['optimize', 'infer', 'seen'],
      default: 'optimize',
      description:
        'searched for like the pixels (DLG), read off the last layer’s gradient (iDLG; batch 1), or taken from the messages (view servers)',
    },
    optimizer: {
      type: 'choice',
      choices: ['l-bfgs', 'adam'],
      default: 'l-bfgs',
      description: 'how the variables move',
    },
    restarts: {
      type: 'integer',
      min: 1,
      default: 3,
      description: 'random starts at most; the lowest objective counts',
    },
    iterations: {
      type: 'integer',
      min: 1,
      default: 1000,
      description: 'steps of each start at most (published: 300 of up to 20 L-BFGS steps each)',
    },
    learningRate: { type: 'number', above: 0, default: 0.1, description: 'adam: first learning rate, falling to 0' },
    tolerance: {
      type: 'number',
      min: 0,
      default: 1e-8,
      description: 'done where the objective, a share of ‖∇W‖², is no larger',
    },
    tv: { type: 'number', min: 0, default: 0, description: 'weight of the total variation' },
  },
  sources: ['Zhu et al. 2019 (DLG), Algorithm 1; github.com/mit-han-lab/dlg', 'Zhao et al. 2020 (iDLG), Eq. 3–5'],
  defaultView: ({ hasServer }) => (hasServer ? 'servers' : 'server'),
  views: gradientViews,
  create: (values, view) => {
    const options = values as unknown as DeepLeakageOptions;
    requireLabels(options, view);
    return gradientAttack({
      name: 'deep-leakage',
      view,
      options,
      steps: options.restarts * options.iterations,
      prepare: (knowledge) => pixelSearch(knowledge, options),
    });
  },
};

function requireLabels({ labels, batch }: DeepLeakageOptions, view: string): void {
  if (labels === 'seen' && view !== 'servers') {
    throw new RangeError(`labels "seen" needs view "servers", but the view is "${view}", which shows none.`);
  }
  if (labels === 'infer' && view === 'fed-server') {
    throw new RangeError('labels "infer" needs the last layer’s gradient, which view "fed-server" does not show.');
  }
  if (labels === 'infer' && batch !== 1) {
    throw new RangeError(`labels "infer" needs batch 1, but it is ${batch}. Set labels to "optimize".`);
  }
}

/** A start that ends within so many times the tolerance has found its minimum; another would end no closer in float32. */
const nearTolerance = 100;

/** Searches each victim batch from several starts, until one of them fits. */
async function pixelSearch(knowledge: PublicKnowledge, options: DeepLeakageOptions): Promise<Inverter> {
  const { noise, tv, restarts, tolerance } = options;
  const matching = await gradientMatching({
    knowledge,
    candidate: pixels(knowledge.model),
    weighting: 'global',
    noise,
    tv,
  });
  const reconstruct = reconstructor(matching);
  const newton = quasiNewton(matching);
  const firstOrder = descent(matching, adam());
  const { iterations, learningRate: first } = options;
  const learningRate = (share: number) => (first / 2) * (1 + Math.cos(Math.PI * share));

  return async ({ seen, batch, rng, onStep }) => {
    const labelled = { ...seen, labels: labelsFor(options, seen) };
    const lowest = await lowestOf({ restarts, rng, goodEnough: nearTolerance * tolerance }, async (own) => {
      const start = matching.start(labelled, { batch, rng: own });
      const found =
        options.optimizer === 'adam'
          ? await firstOrder(start, { iterations, learningRate, batch, rng: own, onStep })
          : await newton(start, { maxIterations: iterations, maxEvaluations: 2 * iterations, tolerance, onStep });
      return { given: start.given, found };
    });
    return reconstruct(lowest);
  };
}

/** Labels that need not be searched for. */
function labelsFor({ labels }: DeepLeakageOptions, seen: SeenGradient): Int32Array | undefined {
  if (labels === 'seen') return seen.labels;
  return labels === 'infer' ? Int32Array.of(inferLabel(seen.gradient)) : undefined;
}
