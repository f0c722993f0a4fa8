/** What an experiment file may say, key by key: read out of the schema, which says it once. */

import { z } from 'zod';
import type { Catalogues } from '../catalogues.ts';
import { groupBy } from '../group-by.ts';
import { configurationSchema, experimentKeys, sweepKeys } from './schema.ts';

export interface KeyReference {
  /** `trainer.partition.alpha`; of the entries of a list `attacks[].view`. */
  readonly path: string;
  /** The named ones that have it, as in dirichlet; empty where all have. */
  readonly of: readonly string[];
  readonly allowed: string;
  /** As it is written in YAML; "required" where there is none, empty where the key may be left out without one. */
  readonly default: string;
  readonly description: string;
  /** Where the rest of a record's keys is found: the kind of catalogue that its name is from. */
  readonly catalogue?: string | undefined;
}

/** Every key, in the order of the file; of what a catalogue lists only the keys that mean the same in all its entries. */
export function experimentReference(catalogues: Catalogues): KeyReference[] {
  const schema = z.toJSONSchema(configurationSchema(catalogues), { unrepresentable: 'any' }) as Node;
  const sections = { ...schema.properties, ...(sweepKeys as Readonly<Record<string, Node>>) };
  return experimentKeys.flatMap((key) => {
    const leaves = leavesOf(sections[key] ?? {}, { path: key });
    return [...groupBy(leaves, ({ path }) => path).values()].map(merged);
  });
}

/** The schema as JSON, with what `option-schema.ts` and `schema.ts` attached. */
interface Node {
  readonly description?: string;
  readonly allowed?: string;
  /** The default as it is written; `default` has no way to say .inf. */
  readonly preset?: string;
  readonly default?: unknown;
  readonly const?: string;
  readonly type?: string;
  readonly required?: unknown;
  /** Which of several records is meant where no name is given. */
  readonly defaultName?: string;
  readonly catalogue?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly oneOf?: readonly Node[];
  readonly items?: Node;
}

interface Place {
  readonly path: string;
  /** The record of several in which the key stands, and how many there are. */
  readonly variant?: { readonly name: string; readonly count: number };
  readonly catalogue?: string | undefined;
}

interface Leaf extends Place {
  readonly allowed: string;
  readonly default: string;
  readonly description: string;
}

function leavesOf(node: Node, place: Place): Leaf[] {
  if (node.items) return [leafOf(node, place), ...inner(node.items, { ...place, path: `${place.path}[]` })];
  return [leafOf(node, place), ...inner(node, place)];
}

function inner(node: Node, place: Place): Leaf[] {
  if (node.oneOf) return variantLeaves(node, node.oneOf, place);
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) =>
    leavesOf(child, { ...place, path: `${place.path}.${key}` }),
  );
}

/** Of records told apart by their name: the name once, then the keys of each. */
function variantLeaves({ catalogue, defaultName }: Node, variants: readonly Node[], { path }: Place): Leaf[] {
  const names = variants.map(({ properties }) => properties?.['name']?.const ?? '');
  const name: Leaf = {
    path: `${path}.name`,
    allowed: `one of ${names.join(', ')}`,
    default: defaultName ?? 'required',
    description: catalogue ? `"cutlayer show ${catalogue} NAME" lists the options of each` : 'which of these',
    catalogue,
  };
  const own = variants.flatMap(({ properties = {} }, index) => {
    const variant = { name: names[index] ?? '', count: variants.length };
    const { name: _, ...rest } = properties;
    return inner({ properties: rest }, { path, variant, catalogue });
  });
  return [name, ...own.filter((leaf) => !catalogue || allHave(own, leaf))];
}

/** Whether every variant has the key, and means the same by it. */
function allHave(leaves: readonly Leaf[], { path, description, variant }: Leaf): boolean {
  return leaves.filter((leaf) => leaf.path === path && leaf.description === description).length === variant?.count;
}

function leafOf(node: Node, place: Place): Leaf {
  return { ...place, allowed: allowedIn(node), default: defaultIn(node), description: node.description ?? '' };
}

function allowedIn({ allowed, items, oneOf, properties, type }: Node): string {
  if (allowed !== undefined) return allowed;
  if (items) return 'a list';
  return oneOf || properties ? 'a record' : type === 'string' ? 'a text' : '';
}

function defaultIn({ preset, default: value, required }: Node): string {
  if (required === true) return 'required';
  return preset ?? (value === undefined ? '' : JSON.stringify(value));
}

/** One line for a key that several records have. */
function merged(leaves: readonly Leaf[]): KeyReference {
  const [first] = leaves as readonly [Leaf];
  const isEverywhere = first.variant === undefined || first.variant.count === leaves.length;
  return {
    path: first.path,
    of: isEverywhere ? [] : leaves.flatMap(({ variant }) => (variant ? [variant.name] : [])),
    allowed: oneOrEach(leaves, 'allowed'),
    default: oneOrEach(leaves, 'default'),
    description: first.description,
    catalogue: first.catalogue,
  };
}

/** What all say, or `0.05 (sgd, momentum); 0.001 (adam)`. */
function oneOrEach(leaves: readonly Leaf[], key: 'allowed' | 'default'): string {
  const groups = [...groupBy(leaves, (leaf) => leaf[key])];
  if (groups.length === 1) return groups[0]?.[0] ?? '';
  const namesOf = (group: readonly Leaf[]) => group.map(({ variant }) => variant?.name).join(', ');
  return groups.map(([value, group]) => `${value || 'none'} (${namesOf(group)})`).join('; ');
}
