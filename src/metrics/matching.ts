/** Which reconstruction belongs to which original: a gradient of a batch does not tell the order of its examples. */

/**
 * The assignment of columns to rows with the least total cost (Kuhn and Munkres, by shortest augmenting paths, O(n³)).
 * `cost` is square; the answer holds the column of each row.
 */
export function bestAssignment(cost: readonly (readonly number[])[]): number[] {
  const n = cost.length;
  const rowPotential = new Float64Array(n + 1);
  const columnPotential = new Float64Array(n + 1);
  const rowOf = new Int32Array(n + 1); // by column, 0 is none
  for (let row = 1; row <= n; row += 1) augment(cost, row, { rowPotential, columnPotential, rowOf });
  const assignment = new Array<number>(n);
  for (let column = 1; column <= n; column += 1) assignment[(rowOf[column] as number) - 1] = column - 1;
  return assignment;
}

interface Dual {
  readonly rowPotential: Float64Array;
  readonly columnPotential: Float64Array;
  readonly rowOf: Int32Array;
}

/** Finds the cheapest way to give `row` a column, moving other rows as needed. */
function augment(cost: readonly (readonly number[])[], row: number, dual: Dual): void {
  const { rowPotential, columnPotential, rowOf } = dual;
  const n = cost.length;
  const slack = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY);
  const previous = new Int32Array(n + 1);
  const isDone = new Uint8Array(n + 1);
  rowOf[0] = row;
  let column = 0;
  do {
    isDone[column] = 1;
    const current = rowOf[column] as number;
    let least = Number.POSITIVE_INFINITY;
    let next = 0;
    for (let j = 1; j <= n; j += 1) {
      if (isDone[j]) continue;
      const entry = cost[current - 1]?.[j - 1] as number;
      const reduced = entry - (rowPotential[current] as number) - (columnPotential[j] as number);
      if (reduced < (slack[j] as number)) {
        slack[j] = reduced;
        previous[j] = column;
      }
      if ((slack[j] as number) < least) {
        least = slack[j] as number;
        next = j;
      }
    }
    shiftPotentials(dual, { isDone, slack, by: least });
    column = next;
  } while (rowOf[column] !== 0);
  while (column !== 0) {
    const before = previous[column] as number;
    rowOf[column] = rowOf[before] as number;
    column = before;
  }
}

function shiftPotentials(
  { rowPotential, columnPotential, rowOf }: Dual,
  { isDone, slack, by }: { isDone: Uint8Array; slack: Float64Array; by: number },
): void {
  for (let j = 0; j < isDone.length; j += 1) {
    if (isDone[j]) {
      const row = rowOf[j] as number;
      rowPotential[row] = (rowPotential[row] as number) + by;
      columnPotential[j] = (columnPotential[j] as number) - by;
    } else {
      slack[j] = (slack[j] as number) - by;
    }
  }
}
