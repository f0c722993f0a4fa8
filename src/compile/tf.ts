/** The one place where TensorFlow.js is imported, so that one copy of it serves every engine. */

import * as tf from '@tensorflow/tfjs';

// Its own advice to install tfjs-node, which is an engine here, would go to a user's terminal.
tf.env().set('PROD', true);

export type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
export { tf };
