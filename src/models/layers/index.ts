/** The layers that models are made of: factories of plain records. */

export { avgPool } from './avg-pool.ts';
export { type BatchNormOptions, batchNorm } from './batch-norm.ts';
export { type ConvTranspose2dOptions, convTranspose2d } from './conv-transpose2d.ts';
export { type Conv2dOptions, conv2d } from './conv2d.ts';
export { type DenseOptions, dense } from './dense.ts';
export { dropout } from './dropout.ts';
export { elu } from './elu.ts';
export { flatten } from './flatten.ts';
export { leakyRelu } from './leaky-relu.ts';
export { maxPool, type PoolOptions } from './max-pool.ts';
export { relu } from './relu.ts';
export { sigmoid } from './sigmoid.ts';
export { silu } from './silu.ts';
export { softplus } from './softplus.ts';
export { tanh } from './tanh.ts';
export { upsample } from './upsample.ts';
