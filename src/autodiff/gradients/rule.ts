/** The form of a gradient as TensorFlow.js takes it. */

import type { Tensor, tf } from '../../compile/tf.ts';

export type GradientConfig = Parameters<typeof tf.registerGradient>[0];

/** The gradient of an operation with one input and one output, from its input: dx = rule(dy, x). */
export function fromInput(
  kernelName: string,
  rule: (dy: Tensor, x: Tensor, attributes: Readonly<Record<string, unknown>>) => Tensor,
  inputName = 'x',
): GradientConfig {
  return {
    kernelName,
    inputsToSave: [inputName],
    gradFunc: (dy, [x], attributes) => ({ [inputName]: () => rule(dy as Tensor, x, attributes) }),
  };
}
