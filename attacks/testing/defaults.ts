import type { CatalogueEntry, OptionValues } from '../../src/contracts/options.ts';

/** The defaults of an entry's options, with others over them. */
export function withDefaults({ options }: Pick<CatalogueEntry, 'options'>, others: OptionValues = {}): OptionValues {
  return Object.fromEntries(Object.entries(options).map(([name, spec]) => [name, others[name] ?? spec.default]));
}
