/** Every kernel that can be compiled. */

import { convolution } from './convolution.ts';
import { elementwise } from './elementwise.ts';
import type { Lowerings } from './lowering.ts';
import { matmul } from './matmul.ts';
import { pooling } from './pooling.ts';
import { reductions } from './reductions.ts';
import { shapes } from './shapes.ts';

export const lowerings: Lowerings = { ...elementwise, ...shapes, ...reductions, ...matmul, ...convolution, ...pooling };
