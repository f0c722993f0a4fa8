interface Listing {
  /** How many are named. */
  readonly most: number;
  /** Where the others are found. */
  readonly rest?: string;
}

/** A list that may have hundreds of entries, in a sentence: the first, and how many more there are. */
export function firstOf(texts: readonly string[], { most, rest }: Listing): string {
  const more = texts.length - most;
  const others = `and ${more} more${rest === undefined ? '' : `, ${rest}`}`;
  return [...texts.slice(0, most), ...(more > 0 ? [others] : [])].join('; ');
}
