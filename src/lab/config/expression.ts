/** Arithmetic in place of numbers, by mathjs: `2^-3`, `sqrt(2) / 10`; and of lists of them: `1:5`, `logspace(-1, 1, 5)`. */

import { createRequire } from 'node:module';
import type { FunctionNode, MathNode, RangeNode, SymbolNode } from 'mathjs';

const scalarFunctions = ['sqrt', 'exp', 'log', 'log2', 'log10', 'abs', 'floor', 'ceil', 'round', 'min', 'max'];
const constants = ['pi', 'e'];
const listFunctions = ['linspace', 'logspace'];

/** Whether a text may be an expression, rather than a name: mathjs takes most of a second to load. */
export function looksLikeExpression(text: string): boolean {
  return /\d/.test(text) && /[-+*/^(:]/.test(text);
}

/** To 12 digits. @throws RangeError, saying why, where the text is no expression of a number. */
export function evaluateNumber(text: string): number {
  const value = evaluate(text);
  if (typeof value === 'number') return rounded(value);
  throw new RangeError('it is not one number');
}

/** Why a text is no expression of a number; undefined where it is one. */
export function expressionProblem(text: string): string | undefined {
  try {
    evaluateNumber(text);
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** What an expression of a number stands for; everything else, names such as splitfed-v1 among it, as it is. */
export function evaluated<Given>(given: Given): Given | number {
  if (typeof given !== 'string' || !looksLikeExpression(given)) return given;
  try {
    return evaluateNumber(given);
  } catch (error) {
    if (error instanceof RangeError) return given;
    throw error;
  }
}

/**
 * `from:to` and `from:step:to` (both ends included), `linspace(from, to, count)`, `logspace(from, to, count)` (of powers of
 * ten), `[a, b]`.
 *
 * @throws RangeError, saying why, where the text is no expression of a list.
 */
export function evaluateList(text: string): number[] {
  const value = evaluate(text);
  const list = typeof value === 'object' && value !== null && 'toArray' in value ? value.toArray() : value;
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === 'number')) throw new RangeError('it is no list');
  return list.map(rounded);
}

/** 10^-5 comes out as 9.999999999999999e-6; it is to be the 1e-5 that is written elsewhere. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

function evaluate(text: string): number | number[] | { toArray(): unknown } {
  const { parse } = createRequire(import.meta.url)('mathjs') as typeof import('mathjs');
  try {
    const tree = parse(text);
    tree.traverse(requireAllowed);
    return tree.evaluate({ linspace, logspace });
  } catch (cause) {
    throw new RangeError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** More values than anyone sweeps; beyond it lists fill the memory. */
const mostValues = 10_000;

function requireFew(count: number): void {
  if (count > mostValues) throw new RangeError(`it has ${Math.ceil(count)} values; at most ${mostValues} are allowed`);
}

/** Before it is evaluated. */
function requireFewInRange({ start, end, step }: RangeNode): void {
  const [from, to, by] = [start, end, step].map((node) => (node ? Number(node.evaluate()) : 1)) as [
    number,
    number,
    number,
  ];
  requireFew((to - from) / by + 1);
}

const allowedNodes = ['ConstantNode', 'OperatorNode', 'ParenthesisNode', 'ArrayNode'];

/** mathjs can do much else, assignments and units included, that has no place in a configuration. */
function requireAllowed(node: MathNode, _: string, parent: MathNode | null): void {
  if (node.type === 'FunctionNode') requireOneOf((node as FunctionNode).fn.name, functions);
  else if (node.type === 'SymbolNode') {
    const isFunction = parent?.type === 'FunctionNode';
    requireOneOf((node as SymbolNode).name, isFunction ? [...functions, ...constants] : constants);
  } else if (node.type === 'RangeNode') requireFewInRange(node as RangeNode);
  else if (!allowedNodes.includes(node.type)) throw new RangeError(`there is no ${node.type} in an expression`);
}

const functions = [...scalarFunctions, ...listFunctions];

function requireOneOf(name: string, allowed: readonly string[]): void {
  if (!allowed.includes(name)) throw new RangeError(`"${name}" is not known; there are ${allowed.join(', ')}`);
}

function linspace(from: number, to: number, count: number): number[] {
  requireFew(count);
  if (!Number.isInteger(count) || count < 2) throw new RangeError('the number of points must be whole and at least 2');
  return Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
}

function logspace(from: number, to: number, count: number): number[] {
  return linspace(from, to, count).map((exponent) => 10 ** exponent);
}
