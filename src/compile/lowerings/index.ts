/** Every kernel that can be compiled, by TensorFlow.js's name. */

import { arithmetic } from './arithmetic.ts';
import { avgPool } from './avg-pool.ts';
import { batchNorm } from './batch-norm.ts';
import { constants } from './constants.ts';
import { conv2d } from './conv2d.ts';
import { conv2dBackpropFilter } from './conv2d-backprop-filter.ts';
import { conv2dBackpropInput } from './conv2d-backprop-input.ts';
import { depthwiseConv2d } from './depthwise-conv2d.ts';
import { functions } from './functions.ts';
import { gathers } from './gather.ts';
import { joins } from './joins.ts';
import { logic } from './logic.ts';
import type { Lowerings } from './lowering.ts';
import { matmul } from './matmul.ts';
import { maxPool } from './max-pool.ts';
import { reductions } from './reductions.ts';
import { reshapes } from './reshape.ts';
import { resize } from './resize.ts';
import { slices } from './slices.ts';

export const lowerings: Lowerings = {
  ...arithmetic,
  ...functions,
  ...logic,
  ...constants,
  ...reshapes,
  ...slices,
  ...joins,
  ...gathers,
  ...reductions,
  ...matmul,
  Conv2D: conv2d,
  Conv2DBackpropInput: conv2dBackpropInput,
  Conv2DBackpropFilter: conv2dBackpropFilter,
  ...depthwiseConv2d,
  ...maxPool,
  ...avgPool,
  ...resize,
  ...batchNorm,
};
