/** The seeds of an experiment: the command line's where it gives some, otherwise the file's. */

import { evaluateList, looksLikeExpression } from './expression.ts';
import { optionSchema, shown } from './option-schema.ts';
import type { Source } from './source.ts';
import { isRecord, type Json } from './values.ts';

export interface Seeds {
  /** `[1]` where those that were given are wrong. */
  readonly values: readonly number[];
  /** Each with the place. */
  readonly problems: readonly string[];
}

export function seedsOf(source: Source, given: readonly number[] | undefined): Seeds {
  if (given) return checked(given, () => `--seeds ${given.join(',')}`);
  const { seeds = [1] } = isRecord(source.values) ? source.values : {};
  return checked(seeds, (...path) => `${source.locate(['seeds', ...path])}: ${['seeds', ...path].join('.')}`);
}

const seedSchema = optionSchema({ type: 'integer', description: 'seed', default: 1 });

function listOf(seeds: Json): Json {
  if (typeof seeds !== 'string' || !looksLikeExpression(seeds)) return seeds;
  try {
    return evaluateList(seeds);
  } catch {
    return seeds; // refused as a text
  }
}

function checked(given: Json, placeOf: (...path: number[]) => string): Seeds {
  const seeds = listOf(given);
  if (!Array.isArray(seeds) || seeds.length === 0) {
    const message = `must be a list of whole numbers, as in [1, 2, 3] or 1:3, but is ${shown(given)}${seeds === given ? '' : ', which has no values'}.`;
    return { values: [1], problems: [`${placeOf()}: ${message}`] };
  }
  const list = seeds as readonly Json[];
  const problems = list.flatMap((seed, index) => {
    const place = placeOf(index);
    if (!seedSchema.safeParse(seed).success) return [`${place}: must be a whole number, but is ${shown(seed)}.`];
    return list.indexOf(seed) < index ? [`${place}: ${shown(seed)} is listed twice.`] : [];
  });
  return problems.length > 0 ? { values: [1], problems } : { values: list as readonly number[], problems };
}
