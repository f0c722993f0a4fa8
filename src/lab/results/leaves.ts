/** What is set in a part of a configuration, and what differs between several: names of runs and attacks are made of it. */

/** Values by their path. */
export type Leaves = ReadonlyMap<string, string>;

/** A list is one value. */
export function leavesOf(value: object, prefix = ''): Leaves {
  return new Map(
    Object.entries(value).flatMap(([key, child]: [string, unknown]) =>
      typeof child === 'object' && child !== null && !Array.isArray(child)
        ? [...leavesOf(child, `${prefix}${key}.`)]
        : [[`${prefix}${key}`, Array.isArray(child) ? JSON.stringify(child) : String(child)] as const],
    ),
  );
}

/** Of the leaves that are not the same everywhere. A leaf that some lack differs. */
export function differingKeys(all: readonly Leaves[]): ReadonlySet<string> {
  const keys = new Set(all.flatMap((leaves) => [...leaves.keys()]));
  const [first] = all;
  return new Set([...keys].filter((key) => all.some((leaves) => leaves.get(key) !== first?.get(key))));
}

/** `key value` of each leaf among the keys, which are shortened as far as they stay apart: `batchSize 64` for `trainer.batchSize`. */
export function named(own: Leaves, keys: ReadonlySet<string>): string[] {
  const paths = [...keys].map(pathOf);
  return [...own]
    .filter(([key]) => keys.has(key))
    .map(([key, value]) => `${shortest(pathOf(key), paths).join('.')} ${value}`);
}

/** A name stands for the whole that it names. */
const pathOf = (key: string) => key.replace(/\.name$/, '').split('.');

/** The last words of a path in which no other path ends. */
function shortest(path: readonly string[], all: readonly (readonly string[])[]): readonly string[] {
  const endsAlike = (words: number) =>
    all.filter((other) => other.slice(-words).join('.') === path.slice(-words).join('.'));
  const lengths = path.map((_, index) => index + 1);
  return path.slice(-(lengths.find((words) => endsAlike(words).length === 1) ?? path.length));
}
