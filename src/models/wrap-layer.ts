/** Changing what a layer computes without keeping what is no longer true of it. */

import type { Layer } from '../contracts/model.ts';

/** What a layer says of its own function, on which defenses rely. */
type Claims = Pick<
  Layer,
  'sensitivity' | 'sensitivityBetween' | 'linear' | 'squaredGradientNorms' | 'exampleGradients'
>;

const claims: readonly (keyof Claims)[] = [
  'sensitivity',
  'sensitivityBetween',
  'squaredGradientNorms',
  'exampleGradients',
];

/** The layer with another function. Whatever it claimed of the one before is dropped unless it is claimed anew. */
export function wrapLayer(layer: Layer, changes: Pick<Layer, 'label' | 'apply'> & Partial<Layer>): Layer {
  const kept = Object.entries(layer).filter(([key]) => !claims.includes(key as keyof Claims) && key !== 'linear');
  return { ...(Object.fromEntries(kept) as Omit<Layer, keyof Claims>), ...changes };
}

/** @throws RangeError where a layer got another function and kept the claims of the one before: `{ ...layer, apply }` does so. */
export function requireOwnClaims(before: Layer, after: Layer): void {
  if (after.apply === before.apply) return;
  const kept = claims.find((claim) => after[claim] !== undefined && after[claim] === before[claim]);
  if (kept === undefined) return;
  throw new RangeError(
    `changes what layer "${before.label}" computes and keeps its ${kept}, which was made for what it computed before. ` +
      'Wrap layers with wrapLayer (src/models/wrap-layer.ts), and claim anew what still holds.',
  );
}
