/** The forms of layers without parameters and state. */

import type { Tensor } from '../../compile/tf.ts';
import type { Shape } from '../../contracts/array.ts';
import type { Layer, Norm } from '../../contracts/model.ts';

interface StatelessLayer {
  readonly name: string;
  readonly label: string;
  readonly outputShape: (inputShape: Shape) => Shape;
  readonly f: (x: Tensor) => Tensor;
  /** Its Lipschitz constant in each norm, where known. */
  readonly lipschitz?: Readonly<Record<Norm, number>> | undefined;
}

export function stateless({ name, label, outputShape, f, lipschitz }: StatelessLayer): Layer {
  return {
    name,
    label,
    outputShape,
    init: () => ({ params: {}, state: {} }),
    apply: (_, x) => ({ output: f(x), state: {} }),
    ...(lipschitz && { sensitivity: (norm: Norm) => lipschitz[norm] }),
  };
}

interface Activation {
  readonly label?: string;
  /** Largest slope: bounds how far values move apart, in every norm. */
  readonly steepest: number;
}

/** A layer that applies `f` to every value. */
export function activation(name: string, f: (x: Tensor) => Tensor, { label = name, steepest }: Activation): Layer {
  return stateless({
    name,
    label,
    outputShape: (inputShape) => inputShape,
    f,
    lipschitz: { l1: steepest, l2: steepest, linf: steepest },
  });
}
