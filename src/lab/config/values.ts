/** Plain values, as YAML and JSON have them. */

import type { ConfigPath } from './problems.ts';

export type Json = null | boolean | number | string | undefined | readonly Json[] | { readonly [key: string]: Json };

export function isRecord(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is at `path`; undefined where nothing is. */
export function valueAt(root: Json, path: ConfigPath): Json {
  return path.reduce<Json>((value, step) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return (value as { readonly [key: string | number]: Json })[step];
  }, root);
}

/** The value with another one put at `path`; records and lists on the way are made where they are missing. */
export function setAt(root: Json, path: ConfigPath, value: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === 'number' && (Array.isArray(root) || root === undefined || root === null)) {
    const copy: Json[] = Array.isArray(root) ? [...root] : [];
    copy[step] = setAt(copy[step], rest, value);
    return Array.from(copy, (item) => item ?? null);
  }
  const record = typeof root === 'object' && root !== null && !Array.isArray(root) ? root : {};
  return { ...record, [step]: setAt((record as { readonly [key: string]: Json })[step], rest, value) };
}

/** The value without what is at `path`. */
export function removeAt(root: Json, path: ConfigPath): Json {
  const [step, ...rest] = path;
  if (step === undefined || typeof root !== 'object' || root === null) return root;
  if (Array.isArray(root)) return root.map((item: Json, index) => (index === step ? removeAt(item, rest) : item));
  const { [step]: child, ...others } = root as { readonly [key: string]: Json };
  return rest.length === 0 ? others : { ...others, [step]: removeAt(child, rest) };
}

/** JSON with sorted keys and "Infinity" as a text: equal values give equal texts. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_, entry: Json) => {
    if (typeof entry === 'number' && !Number.isFinite(entry)) return String(entry);
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry;
    return Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
