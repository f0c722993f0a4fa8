import { tf } from '../../compile/tf.ts';
import type { Layer } from '../../contracts/model.ts';
import { activation } from './stateless.ts';

/** x where x > 0, eˣ − 1 elsewhere (Clevert et al. 2016, α = 1). */
export const elu = (): Layer => activation('elu', (x) => tf.elu(x), { steepest: 1 });
