/** A TensorFlow.js backend whose kernels write nodes of a graph instead of computing. */

import type { KernelBackend } from '@tensorflow/tfjs';
import type { Operand } from '../lanes/rule.ts';
import { tf } from '../tf.ts';
import type { Dtype, Graph } from './graph.ts';
import { constant, splat } from './stored.ts';
import type { Constant, Splat, Value } from './value.ts';

type BackendValues = Parameters<KernelBackend['write']>[0];
type DataType = Parameters<KernelBackend['write']>[2];

export const tracingBackendName = 'cutlayer-trace';

/** What TensorFlow.js knows a tensor's value by: each tensor has its own, several may hold one value. */
export class TracedData implements Operand {
  readonly value: Value;
  readonly perLane: boolean;
  constructor(value: Value, isPerLane = false) {
    this.value = value;
    this.perLane = isPerLane;
  }
}

/** The function that is being traced. */
export interface Trace {
  readonly functionName: string;
  readonly graph: Graph;
}

export class TracingBackend extends tf.KernelBackend {
  private current: Trace | undefined;

  /** Runs `body` with its kernels writing into `trace`. */
  trace<T>(trace: Trace, body: () => T): T {
    const outer = this.current;
    this.current = trace;
    try {
      return body();
    } finally {
      this.current = outer;
    }
  }

  get active(): Trace {
    if (!this.current) throw new Error('a tensor of a compiled function is used outside of it; make it an output');
    return this.current;
  }

  override write(given: BackendValues, shape: number[], type: DataType): TracedData {
    if (!isDtype(type)) throw new Error(`tensors of type ${type} cannot be compiled`);
    const values = given as ArrayLike<number>;
    const first = values[0];
    if (first !== undefined && everyIs(values, first)) return new TracedData(splat(first, shape, type));
    return new TracedData(constant(values, shape, type));
  }

  override readSync(dataId: object): Float32Array | Int32Array | Uint8Array {
    if (dataId instanceof TracedData && dataId.value.kind !== 'computed') return constantValues(dataId.value);
    if (!this.current) throw new Error('a tensor of a compiled function is read outside of it; make it an output');
    throw new Error(
      `compiled function "${this.current.functionName}": the value of a tensor is not known while tracing; ` +
        'make it an input or an output of the compiled function',
    );
  }

  override async read(dataId: object): Promise<Float32Array | Int32Array | Uint8Array> {
    return this.readSync(dataId);
  }

  // A value lives as long as its graph, whatever tidy and dispose say.
  override incRef(): void {}
  decRef(): void {}
  override disposeData(): boolean {
    return true;
  }
  override refCount(): number {
    return 1;
  }
  override numDataIds(): number {
    return 0;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override dispose(): void {}
}

/** What a tensor holds, or one made on another backend. */
export function operandOf(tensor: { dataId: object; shape: readonly number[]; dtype: string }): Operand {
  if (tensor.dataId instanceof TracedData) return tensor.dataId;
  const values = tf.engine().readSync(tensor.dataId) as Float32Array;
  return { value: constant(values, tensor.shape, tensor.dtype as Dtype), perLane: false };
}

function isDtype(type: string): type is Dtype {
  return type === 'float32' || type === 'int32' || type === 'bool';
}

function everyIs(values: ArrayLike<number>, first: number): boolean {
  for (let index = 1; index < values.length; index += 1) if (!Object.is(values[index], first)) return false;
  return true;
}

function constantValues(value: Constant | Splat): Float32Array | Int32Array | Uint8Array {
  const length = value.shape.reduce((size, dimension) => size * dimension, 1);
  const array = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[value.dtype];
  return value.kind === 'splat' ? new array(length).fill(value.value) : array.from(value.values);
}
