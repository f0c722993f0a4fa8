/** A program that ends while a thread beside the main one computes, as its argument says: for a test of how it ends. */

import { zeros } from '../../arrays/ndarray.ts';
import { compileEach } from '../compile.ts';
import { useEngine } from '../engine.ts';
import { type Tensor, tf } from '../tf.ts';

const [, , ending, listener] = process.argv;
const exit = () => process.exit(5);
const fail = () => {
  throw new Error('thrown by a listener');
};

if (listener === 'exits before') process.on('exit', exit);
if (listener === 'throws before') process.on('exit', fail);
await useEngine('onnx', { threads: 2 });
const slow = compileEach('slow', ({ x }: { x: Tensor }) => {
  let y = x;
  for (let layer = 0; layer < 20; layer += 1) y = tf.tanh(tf.matMul(y, x));
  return y;
});
const calls = Array.from({ length: 6 }, () => ({ x: zeros([400, 400]) }));
await slow(calls.slice(0, 2)); // begins the thread
if (listener === 'exits first') process.prependListener('exit', exit);
void slow(calls);
setTimeout(() => {
  if (ending === 'throw') throw new Error('thrown in the middle');
  process.exit(7);
}, 5);
