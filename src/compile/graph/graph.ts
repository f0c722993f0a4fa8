/** An ONNX graph under construction. Equal nodes are one node, so a lowering may ask for the same thing twice. */

import type { Shape } from '../../contracts/array.ts';
import type { ConvChoices } from '../lowerings/conv2d-choices.ts';

export type Dtype = 'float32' | 'int32' | 'bool';
export type ElementType = Dtype | 'int64';

/** Whole numbers stand for ONNX integers; an ONNX float is written `{ float: x }`. */
export type Attribute = number | string | readonly number[] | { readonly float: number };
export type Attributes = Readonly<Record<string, Attribute>>;

export interface GraphNode {
  readonly op: string;
  readonly domain: string;
  /** Names of values; '' for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  readonly bytes: Uint8Array;
}

/** Operators that multiply matrices. */
export const products: ReadonlySet<string> = new Set(['FusedMatMul', 'Gemm', 'MatMul']);

/** ONNX Runtime's own operators. */
export const microsoft = 'com.microsoft';
/** Its operators on channels in blocks. */
export const blocked = 'com.microsoft.nchwc';

/** What a graph is written for. */
export interface GraphTarget {
  /** How many channels the runtime keeps together in its blocks; 0 where it has none. */
  readonly channelBlock?: number;
  /** The measured ones unless given. */
  readonly choices?: ConvChoices;
  /** How many calls it computes at once; default 1. */
  readonly lanes?: number;
}

export class Graph {
  readonly channelBlock: number;
  readonly choices: ConvChoices | undefined;
  readonly lanes: number;
  readonly nodes: GraphNode[] = [];
  readonly initializers: Initializer[] = [];
  /** How many numbers its values hold, about: some are never stored, or only for a moment. */
  numbers = 0;
  /** Of float32 values, as they are stored; those of nodes that are only steps to a value may be missing. */
  readonly shapes = new Map<string, Shape>();
  private readonly producers = new Map<string, GraphNode>();
  private readonly made = new Map<string, readonly string[]>();
  private count = 0;

  constructor({ channelBlock = 0, choices, lanes = 1 }: GraphTarget = {}) {
    this.channelBlock = channelBlock;
    this.choices = choices;
    this.lanes = lanes;
  }

  /** The output of a node; made only where no equal node is there already. */
  node(op: string, inputs: readonly string[], attributes: Attributes = {}, domain = ''): string {
    const [output = ''] = this.nodeWithOutputs(op, inputs, { attributes, domain, outputs: 1 });
    return output;
  }

  /** The node whose output this is; `undefined` for inputs and constants. */
  producerOf(name: string): GraphNode | undefined {
    return this.producers.get(name);
  }

  nodeWithOutputs(
    op: string,
    inputs: readonly string[],
    { attributes = {}, domain = '', outputs }: { attributes?: Attributes; domain?: string; outputs: number },
  ): readonly string[] {
    const key = `${domain}/${op}(${inputs.join()})${JSON.stringify(attributes)}${outputs}`;
    return this.once(key, () => {
      const names = Array.from({ length: outputs }, () => this.fresh('v'));
      const node = { op, domain, inputs, outputs: names, attributes };
      this.nodes.push(node);
      for (const name of names) this.producers.set(name, node);
      return names;
    });
  }

  /** A list of int64: axes, shapes, bounds. */
  ints(values: readonly number[]): string {
    const bytes = () => bytesOf(BigInt64Array.from(values, BigInt));
    return this.shared(`ints ${values}`, () => ({ type: 'int64', shape: [values.length], bytes: bytes() }));
  }

  /** A list of float32. */
  floats(values: readonly number[]): string {
    const bytes = () => bytesOf(Float32Array.from(values));
    return this.shared(`floats ${values}`, () => ({ type: 'float32', shape: [values.length], bytes: bytes() }));
  }

  scalar(value: number, dtype: Dtype = 'float32'): string {
    const sign = Object.is(value, -0) ? '-' : '';
    return this.shared(`scalar ${dtype} ${sign}${value}`, () => ({
      type: dtype,
      shape: [],
      bytes: encode([value], dtype),
    }));
  }

  constant(values: ArrayLike<number>, shape: Shape, dtype: Dtype): string {
    return this.initialize({ type: dtype, shape, bytes: encode(values, dtype) });
  }

  /** A name that no other value has; the runtime's own never start with these. */
  fresh(prefix: string): string {
    this.count += 1;
    return `${prefix}${this.count}`;
  }

  /** An initializer that is made once for its key. */
  shared(key: string, make: () => Omit<Initializer, 'name'>): string {
    const [name = ''] = this.once(key, () => [this.initialize(make())]);
    return name;
  }

  private initialize(initializer: Omit<Initializer, 'name'>): string {
    const name = this.fresh('c');
    this.initializers.push({ name, ...initializer });
    return name;
  }

  private once(key: string, make: () => readonly string[]): readonly string[] {
    const names = this.made.get(key) ?? make();
    this.made.set(key, names);
    return names;
  }
}

function encode(values: ArrayLike<number>, dtype: Dtype): Uint8Array {
  if (dtype === 'float32') return bytesOf(Float32Array.from(values));
  if (dtype === 'int32') return bytesOf(Int32Array.from(values));
  return Uint8Array.from(values, (value) => (value ? 1 : 0));
}

function bytesOf(array: Float32Array | Int32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
