import { tf } from '../../compile/tf.ts';
import type { Layer } from '../../contracts/model.ts';
import { activation } from './stateless.ts';

export const tanh = (): Layer => activation('tanh', (x) => tf.tanh(x), { steepest: 1 });
