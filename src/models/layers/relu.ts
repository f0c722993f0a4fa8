import { commuting } from '../../autodiff/index.ts';
import { tf } from '../../compile/tf.ts';
import type { Layer } from '../../contracts/model.ts';
import { activation } from './stateless.ts';

/** max(x, 0); its derivative at 0 is 0. */
export const relu = (): Layer =>
  commuting(
    activation('relu', (x) => tf.relu(x), { steepest: 1 }),
    'rectifier',
  );
