/** Finds an entry by kind and name, and describes it. */

import type { CatalogueEntry } from '../../contracts/options.ts';
import { catalogues, trainers } from '../catalogues.ts';
import type { Kind } from '../kinds.ts';
import { oneOf } from '../one-of.ts';
import { attackDetails } from './attack.ts';
import { datasetDetails } from './dataset.ts';
import { defenseDetails } from './defense.ts';
import { type Description, type Details, described } from './description.ts';
import { modelDetails, type Site } from './model.ts';
import { trainerDetails } from './trainer.ts';

/** Throws a UsageError where there is no entry of that name. */
export function describe(kind: Kind, name: string, site: Site): Description {
  const describeAs = <Entry extends CatalogueEntry>(entries: readonly Entry[], details: (entry: Entry) => Details) => {
    const entry = named(kind, name, entries);
    return described(kind, entry, details(entry));
  };
  switch (kind) {
    case 'attack':
      return describeAs(catalogues.attacks, attackDetails);
    case 'defense':
      return describeAs(catalogues.defenses, defenseDetails);
    case 'model':
      return describeAs(catalogues.models, (model) => modelDetails(model, site));
    case 'dataset':
      return describeAs(catalogues.datasets, datasetDetails);
    case 'trainer':
      return describeAs(trainers, trainerDetails);
  }
}

function named<Entry extends CatalogueEntry>(kind: Kind, name: string, entries: readonly Entry[]): Entry {
  const known = oneOf(
    kind,
    name,
    entries.map((entry) => entry.name),
  );
  return entries.find((entry) => entry.name === known) as Entry;
}
