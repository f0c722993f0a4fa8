/** What can be listed and shown, by kind. Loads the catalogues only when asked for entries. */

import type { CatalogueEntry } from '../contracts/options.ts';

export const kinds = ['attack', 'defense', 'model', 'dataset', 'trainer'] as const;
export type Kind = (typeof kinds)[number];

export type Plural = `${Kind}s`;
export const plurals: readonly Plural[] = kinds.map((kind) => `${kind}s` as const);

/** All entries of a kind, in the catalogue's order. */
export async function entriesOf(kind: Kind): Promise<readonly CatalogueEntry[]> {
  const { catalogues, trainers } = await import('./catalogues.ts');
  return kind === 'trainer' ? trainers : catalogues[`${kind}s`];
}
