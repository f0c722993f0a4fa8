/** Options as they are where a configuration names none. */

import type { CatalogueEntry, OptionValues } from '../../contracts/options.ts';

export function defaultsOf({ options }: CatalogueEntry): OptionValues {
  const set = Object.entries(options).filter(([, spec]) => spec.default !== undefined);
  return Object.fromEntries(set.map(([name, spec]) => [name, spec.default]));
}
