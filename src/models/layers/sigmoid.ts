import { tf } from '../../compile/tf.ts';
import type { Layer } from '../../contracts/model.ts';
import { activation } from './stateless.ts';

/** 1 ÷ (1 + e⁻ˣ) */
export const sigmoid = (): Layer => activation('sigmoid', (x) => tf.sigmoid(x), { steepest: 1 / 4 });
