/** The trade-off of accuracy (more is better) against leakage (less is better). */

export interface TradeOffPoint {
  readonly accuracy: number;
  readonly leakage: number;
}

/** Of each point: whether another is at least as good in both, and better in one. Equal points don't dominate each other. */
export function dominated(points: readonly TradeOffPoint[]): boolean[] {
  return points.map((point) =>
    points.some(
      (other) =>
        other.accuracy >= point.accuracy &&
        other.leakage <= point.leakage &&
        (other.accuracy > point.accuracy || other.leakage < point.leakage),
    ),
  );
}

/**
 * Area that the points dominate, up to `reference` (an accuracy and a leakage that are both bad): one number for a whole front
 * (Zitzler and Thiele 1999). Points that are worse than the reference in either add nothing.
 */
export function hypervolume(points: readonly TradeOffPoint[], reference: TradeOffPoint): number {
  const inside = points.filter(({ accuracy, leakage }) => accuracy > reference.accuracy && leakage < reference.leakage);
  const byLeakage = [...inside].sort((a, b) => a.leakage - b.leakage || b.accuracy - a.accuracy);
  let reached = reference.accuracy;
  return byLeakage.reduce((area, { accuracy, leakage }) => {
    const gain = Math.max(0, accuracy - reached);
    reached = Math.max(reached, accuracy);
    return area + gain * (reference.leakage - leakage);
  }, 0);
}
