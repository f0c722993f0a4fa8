import { tf } from '../../compile/tf.ts';
import type { Layer } from '../../contracts/model.ts';
import { activation } from './stateless.ts';

/** x ÷ (1 + e⁻ˣ), steepest (1.09983…) at x = 2.3993…; also called swish (Ramachandran et al. 2017). */
export const silu = (): Layer => activation('silu', (x) => tf.mul(x, tf.sigmoid(x)), { steepest: 1.09984 });
