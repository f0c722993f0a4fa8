/** Generators by name. */

import type { Generator } from './generator.ts';
import { grnn } from './grnn.ts';
import { latent } from './latent.ts';

export type { Generator, ImageShape } from './generator.ts';
export { grnn, grnnLabels } from './grnn.ts';
export { latent } from './latent.ts';

export const generators: readonly Generator[] = [grnn, latent];
