/** The closest allowed name to one that is not: ` Did you mean "cut"?`, or nothing where none is close. */
export function didYouMean(given: string, allowed: readonly string[]): string {
  const ranked = allowed
    .map((name) => ({ name, distance: editDistance(given.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [closest] = ranked;
  if (!closest || closest.distance > Math.max(1, Math.floor(given.length / 3))) return '';
  return ` Did you mean "${closest.name}"?`;
}

/** Insertions, deletions, substitutions and swaps of neighbours that lead from one word to the other. */
function editDistance(a: string, b: string): number {
  const distance = Array.from({ length: a.length + 1 }, (_, i) => [i, ...new Array<number>(b.length).fill(0)]);
  const at = (i: number, j: number) => distance[i]?.[j] ?? 0;
  const put = (i: number, j: number, value: number) => {
    const row = distance[i];
    if (row) row[j] = value;
  };
  for (let j = 0; j <= b.length; j += 1) put(0, j, j);
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      put(i, j, Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + change, swapped));
    }
  }
  return at(a.length, b.length);
}
