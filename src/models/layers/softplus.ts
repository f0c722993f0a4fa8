import { tf } from '../../compile/tf.ts';
import type { Layer } from '../../contracts/model.ts';
import { activation } from './stateless.ts';

/** ln(1 + eˣ) */
export const softplus = (): Layer => activation('softplus', (x) => tf.softplus(x), { steepest: 1 });
