/** Layers whose kernels are divided by their bounds, so that what all of them do together is bounded by a public constant. */

import { sizeOf } from '../../src/arrays/ndarray.ts';
import type { Shape } from '../../src/contracts/array.ts';
import type { Layer, NormPair } from '../../src/contracts/model.ts';
import { type Link, linkSensitivity, linksOf, widening } from '../../src/models/chain-sensitivity.ts';
import { normalized } from '../../src/models/normalized.ts';
import { orthonormalized } from '../../src/models/orthonormal.ts';

export interface NormalizedChain {
  readonly layers: readonly Layer[];
  /** Upper bound of Δ_{from→to} of all of them, whatever the parameters: what layers without a kernel do. */
  readonly sensitivity: number;
}

interface ChainOptions {
  /** Of one example, at the first layer. */
  readonly inputShape: Shape;
  /** Kernels are orthonormalized before they are divided. */
  readonly orthonormal?: boolean;
}

/**
 * Every layer with a kernel divided by its own Δ, in the input's norm up to the change of norm and in the output's behind it.
 * @throws RangeError where no sensitivity of a layer is known.
 */
export function normalizedChain(layers: readonly Layer[], pair: NormPair, options: ChainOptions): NormalizedChain {
  const { inputShape, orthonormal = false } = options;
  const bounded = orthonormal ? orthonormalized : normalized;
  const links = linksOf(layers, pair, { inputShape, change: placeOfChange(layers, pair, inputShape) });
  return {
    layers: links.map((link) => (link.layer.linear ? startingPositive(bounded(link)) : link.layer)),
    sensitivity: links.reduce((product, link) => product * (link.layer.linear ? 1 : constantOf(link)), 1),
  };
}

/**
 * In which layer the norm changes: where what cannot be trained away costs least, at a tie in a layer with a kernel, whose
 * division makes up for the change, and in the last of them, so that the others can be bounded in the norm of the input.
 */
function placeOfChange(layers: readonly Layer[], pair: NormPair, inputShape: Shape): number {
  if (pair.from === pair.to) return 0; // wherever: nothing changes
  const places = layers.map(({ linear }, change) => {
    const links = linksOf(layers, pair, { inputShape, change });
    return { change, kernels: linear ? 1 : 0, cost: links.reduce((product, link) => product * costOf(link), 1) };
  });
  const [best] = places.sort((a, b) => a.cost - b.cost || b.kernels - a.kernels || b.change - a.change);
  return best?.change ?? 0;
}

/** With a kernel: by what the norms differ at the smaller of its sides, about what division by Δ takes from the signal. */
function costOf(link: Link): number {
  const { layer, inputShape, pair } = link;
  if (!layer.linear) return constantOf(link);
  return widening(pair.from, pair.to, Math.min(sizeOf(inputShape), sizeOf(layer.outputShape(inputShape))));
}

function constantOf(link: Link): number {
  const bound = linkSensitivity(link, {});
  if (typeof bound === 'number') return bound;
  throw new RangeError(
    `the sensitivity of "${link.layer.label}" changes with its parameters, and it cannot be normalized.`,
  );
}

/** Sum of the absolute values of a normalized kernel at the start; see `startingPositive`. */
const initialMass = 4;

/**
 * The normalized layer, started with |kernel| scaled to a fixed mass. Positive kernels average over their window, which
 * survives noise better than edges do. The length of a normalized kernel has no effect but on how fast its direction turns:
 * with a mass of 36 (He's, for 5×5×6) LeNet-5 stays at chance for rounds (docs/decisions).
 */
function startingPositive(layer: Layer): Layer {
  return {
    ...layer,
    init(rng, inputShape) {
      const { params, state } = layer.init(rng, inputShape);
      const kernel = params['kernel'];
      if (!kernel) return { params, state };
      const mass = kernel.data.reduce((sum, value) => sum + Math.abs(value), 0);
      const data = kernel.data.map((value) => (Math.abs(value) * initialMass) / mass);
      return { params: { ...params, kernel: { ...kernel, data } }, state };
    },
  };
}
