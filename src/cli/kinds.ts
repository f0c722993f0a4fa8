/** What can be listed and shown, by kind. Loads the catalogues only when asked for entries. */

import type { CatalogueEntry } from '../contracts/options.ts';

export const kinds = ['attack', 'defense', 'model', 'dataset', 'trainer'] as const;
export type Kind = (typeof kinds)[number];

export type Plural = `${Kind}s`;
export const plurals: readonly Plural[] = kinds.map((kind) => `${kind}s` as const);

/** The kind that was typed, in the singular; what is neither singular nor plural of one as it is. */
export function singularOf(typed: unknown): unknown {
  return kinds.find((kind) => typed === `${kind}s`) ?? typed;
}

/** The same in the plural. */
export function pluralOf(typed: unknown): unknown {
  return kinds.some((kind) => typed === kind) ? `${typed}s` : typed;
}

/** All entries of a kind, in the catalogue's order. */
export async function entriesOf(kind: Kind): Promise<readonly CatalogueEntry[]> {
  const { catalogues, trainers } = await import('./catalogues.ts');
  return kind === 'trainer' ? trainers : catalogues[`${kind}s`];
}
