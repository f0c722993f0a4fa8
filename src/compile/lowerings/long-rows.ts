/** Operands that repeat in short rows: the runtime combines row by row, which takes longest where rows are shortest. */

import { sameShape, sizeOf } from '../../arrays/ndarray.ts';
import type { Shape } from '../../contracts/array.ts';
import type { Graph } from '../graph/graph.ts';
import { reshaped } from '../graph/reshaped.ts';

export interface Operands {
  readonly names: readonly string[];
  /** Of each; leading axes of size 1 may be missing. */
  readonly shapes: readonly Shape[];
  /** Of the result. */
  readonly shape: Shape;
}

/** Of so many numbers, a row is combined as fast as a long one. */
const longRow = 128;

/** Fewer rows than these, of all together, take less than another node. */
const fewRows = 128;

/** What is repeated is made a part of the result's size, not as large: of a prime number of rows, or of two, nothing would be gained. */
const leastGain = 4;

/**
 * `[…, rows, row] + […, 1, row]` as `[…, rows ÷ n, n·row] + […, 1, n·row]`, where the second is repeated n times beforehand: a bias of
 * 12 channels is added to 14 × 14 images in a third of the time.
 */
export function withLongRows(graph: Graph, operands: Operands): Omit<Operands, 'shapes'> {
  const { names, shapes, shape } = operands;
  const whole = shapes.findIndex((own) => sameShape(own, shape));
  if (names.length !== 2 || whole < 0 || isRowsOfProduct(graph, names[whole], shape)) return operands;
  const other = 1 - whole;
  const own = [...shape.slice(shapes[other].length).map(() => 1), ...shapes[other]];
  const { lead, repeats, row } = rowsOf(own, shape);
  if (row < 2 || row >= longRow || sizeOf(shape) < fewRows * row) return operands;
  const times = divisorFrom(repeats, longRow / row);
  if (repeats < leastGain * times) return operands;
  const short = reshaped(graph, names[other], { from: shapes[other], to: [...own.slice(0, lead), 1, row] });
  const ones = own.slice(0, lead + 1).map(() => 1);
  const long = graph.node('Tile', [short, graph.ints([...ones, times])]);
  const to = [...shape.slice(0, lead), repeats / times, times * row];
  const parts = [reshaped(graph, names[whole], { from: shape, to }), long];
  return { names: whole === 0 ? parts : parts.toReversed(), shape: to };
}

/** The runtime adds a row to those of a matrix product while it multiplies. */
function isRowsOfProduct(graph: Graph, name: string, shape: Shape): boolean {
  return shape.length === 2 && ['Gemm', 'MatMul'].includes(graph.producerOf(name)?.op ?? '');
}

interface Rows {
  /** How many axes come before those along which rows repeat. */
  readonly lead: number;
  readonly repeats: number;
  /** Numbers in one. */
  readonly row: number;
}

function rowsOf(own: Shape, shape: Shape): Rows {
  let axis = shape.length;
  let row = 1;
  for (; axis > 0 && own[axis - 1] === shape[axis - 1]; axis -= 1) row *= own[axis - 1];
  let repeats = 1;
  for (; axis > 0 && own[axis - 1] === 1; axis -= 1) repeats *= shape[axis - 1];
  return { lead: axis, repeats, row };
}

/** The least divisor of `number` that is not below `least`; itself where there is none. */
function divisorFrom(number: number, least: number): number {
  let divisor = Math.ceil(least);
  while (divisor < number && number % divisor !== 0) divisor += 1;
  return Math.min(divisor, number);
}
