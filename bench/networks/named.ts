import type { Model } from '../../src/contracts/model.ts';
import { models } from '../../src/models/index.ts';

/** A model of the zoo on digits. */
export function digitsModel(name: string): Model {
  const entry = models.find((candidate) => candidate.name === name);
  if (!entry) throw new Error(`the zoo has no ${name}`);
  return entry.build({ inputShape: [28, 28, 1], classes: 10 });
}
