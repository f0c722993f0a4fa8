/**
 * Gradients that survive a second differentiation, registered once on import.
 *
 * TensorFlow.js 4.22 gives silently wrong second derivatives for every operation whose gradient is written with its saved
 * output, and none for pooling and filter gradients. Gradient inversion differentiates twice, so these replace them.
 */

import { tf } from '../compile/tf.ts';
import { binary } from './gradients/binary.ts';
import { convolution } from './gradients/convolution.ts';
import { elementwise } from './gradients/elementwise.ts';
import { mirrorPad } from './gradients/mirror-pad.ts';
import { pooling } from './gradients/pooling.ts';
import { reductions } from './gradients/reductions.ts';
import { refusals } from './gradients/refused.ts';

for (const gradient of [...elementwise, ...binary, ...reductions, ...convolution, ...pooling, mirrorPad, ...refusals]) {
  tf.registerGradient(gradient);
}
