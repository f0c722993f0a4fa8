/** How well something was guessed: labels, or membership. */

/** Share of equal entries. */
export function labelAccuracy(guesses: ArrayLike<number>, labels: ArrayLike<number>): number {
  if (guesses.length !== labels.length || labels.length === 0) {
    throw new RangeError(
      `label accuracy needs as many guesses as labels, but has ${guesses.length} for ${labels.length}.`,
    );
  }
  return Array.from(labels).filter((label, i) => label === guesses[i]).length / labels.length;
}

/** The label that occurs most often; the smallest of several. */
export function majorityLabel(labels: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (const label of Array.from(labels)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a - b)[0]?.[0] ?? 0;
}

/** Area under the ROC curve: the chance that a positive scores above a negative, ties counted half. */
export function areaUnderCurve(positives: readonly number[], negatives: readonly number[]): number {
  const wins = positives.reduce(
    (sum, p) => sum + negatives.reduce((own, n) => own + (p > n ? 1 : p === n ? 0.5 : 0), 0),
    0,
  );
  return wins / (positives.length * negatives.length);
}

/** The largest share of positives above a threshold that at most `falsePositiveRate` of the negatives exceed. */
export function truePositiveRateAt(
  falsePositiveRate: number,
  positives: readonly number[],
  negatives: readonly number[],
): number {
  const allowed = Math.floor(falsePositiveRate * negatives.length + 1e-9);
  const threshold = [...negatives].sort((a, b) => b - a)[allowed] ?? Number.NEGATIVE_INFINITY;
  return positives.filter((score) => score > threshold).length / positives.length;
}
