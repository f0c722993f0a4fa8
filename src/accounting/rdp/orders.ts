/** The grids of Rényi orders of other libraries, for comparison with their figures. */

/** dp_accounting 0.6.0: 1.1 … 10.9, 11 … 63, 128, 256, 512, 1024. */
const DP_ACCOUNTING: readonly number[] = [...grid(99), ...whole(11, 63), 128, 256, 512, 1024];
/** Opacus 1.5.4: 1.1 … 10.9, 12 … 63. */
const OPACUS: readonly number[] = [...grid(99), ...whole(12, 63)];

function grid(count: number): number[] {
  return Array.from({ length: count }, (_, i) => 1 + (i + 1) / 10);
}

function whole(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

export const ORDER_GRIDS = ['dp_accounting', 'opacus'] as const;

/** A named grid, or the orders themselves. */
export type Orders = (typeof ORDER_GRIDS)[number] | readonly number[];

/** The orders of a named grid. Throws a RangeError for an empty list or an order that is not above 1. */
export function ordersOf(orders: Orders): readonly number[] {
  if (orders === 'dp_accounting') return DP_ACCOUNTING;
  if (orders === 'opacus') return OPACUS;
  if (orders.length === 0 || orders.some((order) => !(order > 1))) {
    throw new RangeError(
      `orders must be one or more numbers above 1, but are [${orders}]. Leave them out to search all.`,
    );
  }
  return orders;
}
