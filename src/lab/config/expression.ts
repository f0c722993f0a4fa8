/** Arithmetic in place of numbers, by mathjs: `2^-3`, `sqrt(2) / 10`; and of lists of them: `1:5`, `logspace(-1, 1, 5)`. */

import { createRequire } from 'node:module';
import type { ArrayNode, FunctionNode, MathNode, RangeNode, SymbolNode } from 'mathjs';

const scalarFunctions = ['sqrt', 'exp', 'log', 'log2', 'log10', 'abs', 'floor', 'ceil', 'round', 'min', 'max'];
const constants = ['pi', 'e'];
const listFunctions = ['linspace', 'logspace'];

/** Whether a text may be an expression, rather than a name: mathjs takes a third of a second to load. */
export function looksLikeExpression(text: string): boolean {
  return /\d/.test(text) && /[-+*/^(:]/.test(text);
}

/** To 12 digits. @throws RangeError, saying why, where the text is no expression of a number. */
export function evaluateNumber(text: string): number {
  const value = evaluate(text);
  if (typeof value === 'number' && !Number.isNaN(value)) return rounded(value);
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
  const list = evaluate(text);
  if (!Array.isArray(list) || !list.every(Number.isFinite)) throw new RangeError('it is no list of numbers');
  return list.map(rounded);
}

/** 10^-5 comes out as 9.999999999999999e-6; it is to be the 1e-5 that is written elsewhere. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

/** With the part of mathjs that knows plain numbers only: all of it takes 64 MB, most of it for matrices. */
function evaluate(text: string): unknown {
  const { parse } = createRequire(import.meta.url)('mathjs/number') as Pick<typeof import('mathjs'), 'parse'>;
  try {
    const tree = parse(text);
    tree.traverse(requireAllowed);
    return outcomeOf(tree);
  } catch (cause) {
    throw new RangeError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function outcomeOf(node: MathNode): unknown {
  if (node.type === 'ArrayNode') return (node as ArrayNode).items.map(outcomeOf);
  if (node.type === 'RangeNode') return range(node as RangeNode);
  return node.evaluate({ linspace, logspace });
}

function range(node: RangeNode): number[] {
  const [from, to, step] = boundsOf(node);
  const count = Math.floor((to - from) / step + rounding) + 1;
  if (Number.isNaN(count)) throw new RangeError('its ends and its step must be numbers, the step not 0');
  requireFew(count);
  return Array.from({ length: Math.max(0, count) }, (_, index) => from + index * step);
}

/** 0.4 is four steps of 0.1, whatever the last digit says. */
const rounding = 1e-9;

function boundsOf({ start, end, step }: RangeNode): [from: number, to: number, step: number] {
  const numberOf = (node: MathNode | null) => (node ? Number(node.evaluate()) : 1);
  return [numberOf(start), numberOf(end), numberOf(step)];
}

/** More values than anyone sweeps; beyond it lists fill the memory. */
export const mostValues = 10_000;

function requireFew(count: number): void {
  if (count > mostValues) throw new RangeError(`it has ${Math.ceil(count)} values; at most ${mostValues} are allowed`);
}

const allowedNodes = ['ConstantNode', 'OperatorNode', 'ParenthesisNode'];
const listNodes = ['ArrayNode', 'RangeNode'];

/** mathjs can do much else, assignments and units included, that has no place in a configuration. */
function requireAllowed(node: MathNode, _: string, parent: MathNode | null): void {
  if (node.type === 'FunctionNode') requireOneOf((node as FunctionNode).fn.name, functions);
  else if (node.type === 'SymbolNode') {
    const isFunction = parent?.type === 'FunctionNode';
    requireOneOf((node as SymbolNode).name, isFunction ? [...functions, ...constants] : constants);
  } else if (listNodes.includes(node.type)) requireOutermost(node.type, parent);
  else if (!allowedNodes.includes(node.type)) throw new RangeError(`there is no ${node.type} in an expression`);
}

function requireOutermost(type: string, parent: MathNode | null): void {
  const isItem = type === 'ArrayNode' && parent?.type === 'ArrayNode';
  if (parent && !isItem) throw new RangeError('a list stands by itself, and is no part of arithmetic');
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
