/** A program that does nothing but compute on two threads: for a test of how it ends. */

import { ndarray } from '../../arrays/ndarray.ts';
import { compileEach } from '../compile.ts';
import { useEngine } from '../engine.ts';
import { type Tensor, tf } from '../tf.ts';

await useEngine('onnx', { threads: 2 });
const doubled = compileEach('doubled', ({ x }: { x: Tensor }) => tf.mul(x, 2));
const results = await doubled([{ x: ndarray([1], [1]) }, { x: ndarray([1], [2]) }]);
console.log(results.map(({ data }) => data[0]).join(' '));
