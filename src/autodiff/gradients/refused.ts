/**
 * Operations whose gradient TensorFlow.js writes with a custom function of the saved output: their second derivative is
 * silently wrong and cannot be replaced. They refuse to be differentiated at all, and say what to use.
 */

import type { GradientConfig } from './rule.ts';

/** A custom gradient stands on the tape under the name of its operation's scope. */
const scopeOf = (operation: string): string => `${operation}__op`;

function refused(operation: string, instead: string): GradientConfig {
  return {
    kernelName: scopeOf(operation),
    gradFunc: () => {
      throw new RangeError(
        `tf.${operation} has no right second derivative in TensorFlow.js, so it is not differentiated. Use ${instead}.`,
      );
    },
  };
}

export const refusals: readonly GradientConfig[] = [
  refused('logSoftmax', 'logSoftmax of models/losses.ts'),
  refused('softmaxCrossEntropy', 'crossEntropy of models/losses.ts'),
];
