/** What is set in a part of a configuration, and what differs between several: names of runs and attacks are made of it. */

/** Values by their path. */
export type Leaves = ReadonlyMap<string, string>;

export function leavesOf(value: object, prefix = ''): Leaves {
  return new Map(
    Object.entries(value).flatMap(([key, child]: [string, unknown]) =>
      typeof child === 'object' && child !== null
        ? [...leavesOf(child, `${prefix}${key}.`)]
        : [[`${prefix}${key}`, String(child)] as const],
    ),
  );
}

/** Of the leaves that are not the same everywhere. A leaf that some lack differs. */
export function differingKeys(all: readonly Leaves[]): ReadonlySet<string> {
  const keys = new Set(all.flatMap((leaves) => [...leaves.keys()]));
  const [first] = all;
  return new Set([...keys].filter((key) => all.some((leaves) => leaves.get(key) !== first?.get(key))));
}

/** `key value` of each leaf among the keys. */
export function named(own: Leaves, keys: ReadonlySet<string>): string[] {
  return [...own].filter(([key]) => keys.has(key)).map(([key, value]) => `${key.replace(/\.name$/, '')} ${value}`);
}
