/**
 * The noise layer of PixelDP (Lécuyer et al., Certified Robustness to Adversarial Examples with Differential Privacy, 2019),
 * placed inside the client part as SplitFed does: noise on a layer's output, scaled to how far the layers before it can move
 * that output when the input moves by `distance`.
 *
 * Laplace: b = L·Δ₁,₁/ε, inputs in L1. Gaussian: σ = L·Δ₂,₂·σ(ε, δ), inputs in L2. The noise enters as an input array of
 * standard draws; its scale is part of the graph. With ε = ∞ the layer is there with scale 0 and changes nothing, bit for bit.
 */

import { analyticGaussianMultiplier, classicGaussianMultiplier } from '../src/accounting/index.ts';
import { stopGradient } from '../src/autodiff/index.ts';
import { type Tensor, tf } from '../src/compile/tf.ts';
import type { Defense, DefenseEntry, DefenseSite } from '../src/contracts/defense.ts';
import type { PrivacyEvent } from '../src/contracts/event.ts';
import type { Layer, LayerTensors, Norm } from '../src/contracts/model.ts';
import { type LayerNoiseRule, noisy } from '../src/models/noisy.ts';
import { normalized } from '../src/models/normalized.ts';
import { type NoiseClaim, readingOf } from './pixeldp/reading.ts';

interface PixelDpOptions {
  readonly layer: number;
  readonly noise: 'laplace' | 'gaussian';
  readonly calibration: 'analytic' | 'classic';
  readonly delta: number;
  readonly epsilon: number;
  readonly distance: number;
  readonly sensitivity: 'normalized' | 'bound' | 'clip';
  readonly clipNorm: number;
  readonly gainFloor: number;
}

export const pixeldp: DefenseEntry = {
  name: 'pixeldp',
  summary: 'noise layer in the client part, calibrated to the sensitivity of the layers before it',
  options: {
    layer: { type: 'integer', min: 1, default: 1, description: 'noise on the output of this layer of the list' },
    noise: { type: 'choice', choices: ['laplace', 'gaussian'], default: 'laplace', description: 'distribution' },
    calibration: {
      type: 'choice',
      choices: ['analytic', 'classic'],
      default: 'analytic',
      description: 'gaussian: the exact calibration, or √(2 ln(1.25/δ))/ε (only for ε ≤ 1)',
    },
    delta: {
      type: 'number',
      above: 0,
      below: 1,
      default: 0.05,
      description: 'gaussian: δ of one release at `distance`',
    },
    epsilon: {
      type: 'number',
      above: 0,
      infinite: true,
      default: 1,
      description: 'ε of one release at `distance`; .inf: no noise',
    },
    distance: {
      type: 'number',
      above: 0,
      default: 0.1,
      description: 'L: input distance (L1 for laplace, L2 for gaussian)',
    },
    sensitivity: {
      type: 'choice',
      choices: ['normalized', 'bound', 'clip'],
      default: 'normalized',
      description:
        'kernels divided by their bound in the graph, noise scaled by the bound at every step, or outputs clipped',
    },
    clipNorm: { type: 'number', above: 0, default: 1, description: 'clip: largest norm of one example’s output' },
    gainFloor: {
      type: 'number',
      above: 0,
      default: 0.05,
      description: 'the noisy output is multiplied by the public constant 1 ÷ (noise std + gainFloor)',
    },
  },
  sources: [
    'Lécuyer et al. 2019, equations 2–4',
    'Thapa et al., SplitFed, AAAI 2022, equations 4–6',
    'Balle and Wang 2018 (analytic Gaussian)',
  ],
  create: (options, site) => pixelDp(options as unknown as PixelDpOptions, site),
};

/** Throws a RangeError where the layer is not the client's, or no sound bound is known for a layer before the noise. */
function pixelDp(options: PixelDpOptions, site: DefenseSite): Defense {
  requireLayerOfClient(options, site);
  const mechanism = mechanismOf(options, site);
  return {
    name: 'pixeldp',
    protectLayers: (layers) =>
      layers.map((layer, index) => protect(layer, { before: layers.slice(0, index), position: index + 1, mechanism })),
    activationRelease: (distance) => releaseAt(mechanism, distance),
    reading: readingOf(claimOf(mechanism, site)),
  };
}

function requireLayerOfClient({ layer }: PixelDpOptions, { cut }: DefenseSite): void {
  if (layer <= cut) return;
  throw new RangeError(`pixeldp.layer must be a layer of the client, between 1 and the cut ${cut}, but is ${layer}.`);
}

interface Mechanism extends PixelDpOptions {
  readonly norm: Norm;
  /** Noise scale (Laplace b, Gaussian σ) in units of the sensitivity: 1/ε, or σ(ε, δ). */
  readonly multiplier: number;
  readonly isSecure: boolean;
  /** ε = ∞: the noise has scale 0, and nothing else is changed either. */
  readonly isOff: boolean;
}

function mechanismOf(options: PixelDpOptions, { noise: source }: DefenseSite): Mechanism {
  const norm = options.noise === 'laplace' ? 'l1' : 'l2';
  const isOff = options.epsilon === Number.POSITIVE_INFINITY;
  return { ...options, norm, isOff, isSecure: source === 'secure', multiplier: isOff ? 0 : multiplierOf(options) };
}

function multiplierOf({ noise, calibration, epsilon, delta }: PixelDpOptions): number {
  if (noise === 'laplace') return 1 / epsilon;
  return calibration === 'analytic'
    ? analyticGaussianMultiplier(epsilon, delta)
    : classicGaussianMultiplier(epsilon, delta);
}

interface Place {
  readonly before: readonly Layer[];
  /** 1 is the first layer. */
  readonly position: number;
  readonly mechanism: Mechanism;
}

/** Layers before the noise are normalized where that is how their sensitivity is bounded; the noisy one gets its noise. */
function protect(layer: Layer, { before, position, mechanism }: Place): Layer {
  if (position > mechanism.layer) return layer;
  const isNormalized = mechanism.sensitivity === 'normalized' && !mechanism.isOff && layer.linear;
  const own = isNormalized ? startingPositive(normalized(layer, mechanism.norm)) : layer;
  return position < mechanism.layer
    ? own
    : noisy(own, { ...noiseOf(own, before, mechanism), secure: securityOf(mechanism) });
}

function noiseOf(layer: Layer, before: readonly Layer[], mechanism: Mechanism): LayerNoiseRule {
  const { noise, multiplier, distance, gainFloor, clipNorm, norm } = mechanism;
  const distribution = noise === 'laplace' ? 'laplace' : 'normal';
  if (mechanism.isOff) return { distribution, scale: () => 0, gain: 1 };
  const unit = noise === 'laplace' ? Math.SQRT2 : 1; // standard deviation of a standard draw
  const publicGain = (scale: number) => 1 / (scale * unit + gainFloor);
  switch (mechanism.sensitivity) {
    case 'clip': {
      const scale = multiplier * 2 * clipNorm; // two clipped outputs lie at most 2C apart
      return { distribution, clip: { norm, to: clipNorm }, scale: () => scale, gain: publicGain(scale) };
    }
    case 'normalized': {
      const scale =
        multiplier * distance * constantSensitivity([...before.filter((earlier) => !earlier.linear), layer], norm);
      return { distribution, scale: () => scale, gain: publicGain(scale) };
    }
    case 'bound': {
      const upToNoise = [...before, layer];
      for (const each of upToNoise) requireSensitivity(each, norm);
      // The bound moves with private weights, so nothing public may depend on it: no gain.
      return {
        distribution,
        scale: (params) => tf.mul(multiplier * distance, boundOf(upToNoise, norm, params)),
        gain: 1,
      };
    }
  }
}

function securityOf({ isSecure, multiplier, norm }: Mechanism): LayerNoiseRule['secure'] {
  return isSecure ? { multiplier, norm } : undefined;
}

/** Product of sensitivities that do not depend on parameters. */
function constantSensitivity(layers: readonly Layer[], norm: Norm): number {
  return layers.reduce((product, layer) => {
    const bound = layer.linear ? undefined : requireSensitivity(layer, norm)({});
    if (typeof bound === 'number') return product * bound;
    throw noSensitivity(layer, norm);
  }, 1);
}

/** How far the layers together can move their output: the product of their bounds, whatever the present parameters. */
function boundOf(layers: readonly Layer[], norm: Norm, params: readonly LayerTensors[]): Tensor {
  const product = layers.reduce<Tensor | number>((before, layer, index) => {
    const own = requireSensitivity(layer, norm)(params[index] ?? {});
    return typeof before === 'number' && typeof own === 'number' ? before * own : tf.mul(before, own);
  }, 1);
  // A constant to the gradient: the noise is not a lever for the optimizer.
  return typeof product === 'number' ? tf.scalar(product) : stopGradient(product);
}

function requireSensitivity(layer: Layer, norm: Norm): (params: LayerTensors) => Tensor | number {
  if (!layer.sensitivity) throw noSensitivity(layer, norm);
  return (params) => layer.sensitivity?.(norm, params) as Tensor | number;
}

function noSensitivity({ label }: Layer, norm: Norm): RangeError {
  return new RangeError(
    `pixeldp needs a sound sensitivity of every layer up to its own, but none is known for "${label}" in ${norm}. ` +
      'Choose an earlier layer, or sensitivity "clip".',
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

/** One release, for two inputs at `distance` in the mechanism's norm. */
function releaseAt(
  { isOff, isSecure, sensitivity, noise, multiplier, distance: calibrated }: Mechanism,
  distance: number,
): PrivacyEvent {
  if (isOff) return { kind: 'non-private', reason: 'pixeldp with epsilon .inf adds noise of scale 0' };
  // Under secure noise the growth that pays for rounding is measured at the calibrated distance: nearer inputs get no better claim.
  const stated = isSecure ? Math.max(distance, calibrated) : distance;
  // Clipped outputs lie at most 2C apart however far the inputs are.
  const noiseMultiplier = sensitivity === 'clip' ? multiplier : (multiplier * calibrated) / stated;
  return { kind: noise, noiseMultiplier };
}

function claimOf(mechanism: Mechanism, { inputShape, delta }: DefenseSite): NoiseClaim {
  const pixels = inputShape.reduce((product, dimension) => product * dimension, 1);
  return { ...mechanism, pixels, statedDelta: delta };
}
