/** Calls of a session of ONNX Runtime with arrays. */

import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { NdArray } from '../../contracts/array.ts';
import { explained } from '../explain.ts';

/** By the names of the graph's inputs or outputs. */
type Named = InferenceSession.OnnxValueMapType;

/** @param further Inputs that are the runtime's already. */
export type Call = (inputs: readonly NdArray[], further?: Named) => Promise<Named>;

interface Callee {
  /** For errors. */
  readonly name: string;
  readonly inputNames: readonly string[];
  /** Of each input: whether the session has it. */
  readonly needed: readonly boolean[];
  /** Whether it is called once for the same arrays: then none is kept for the next call. */
  readonly once?: boolean;
}

/** Only what is fatal is logged: the rest comes as an error. */
export const silent = 4;

export function sessionCall(
  ort: typeof import('onnxruntime-node'),
  session: InferenceSession,
  { name, inputNames, needed, once = false }: Callee,
): Call {
  const tensorOf = tensorMaker(ort, once ? 0 : mostKept);
  return async (inputs, further) => {
    const feeds: Record<string, Named[string]> = { ...further };
    inputs.forEach((array, index) => {
      if (needed[index]) feeds[inputNames[index]] = tensorOf(array, index);
    });
    try {
      return await session.run(feeds, { logSeverityLevel: silent });
    } catch (error) {
      throw explained(name, error);
    }
  };
}

/** Beyond so many numbers, an input of the last call is not kept. */
const mostKept = 2 ** 16;

/** Makes arrays known to the runtime; what comes again in the next call (weights during a search) only once. */
function tensorMaker(
  ort: typeof import('onnxruntime-node'),
  most: number,
): (array: NdArray, index: number) => OrtTensor {
  const last: (OrtTensor | undefined)[] = [];
  return ({ shape, data }, index) => {
    const known = last[index];
    if (known?.data === data) return known;
    const tensor = new ort.Tensor('float32', data, shape);
    last[index] = data.length <= most ? tensor : undefined;
    return tensor;
  };
}

type Data = NdArray['data'];

/** The same once for the same arrays; results are kept as long as the first of these lives. */
export function onceFor(call: Call, { needed }: Pick<Callee, 'needed'>): Call {
  const known = new WeakMap<Data, { readonly given: readonly Data[]; readonly results: Promise<Named> }>();
  return (inputs) => {
    const given = inputs.flatMap(({ data }, index) => (needed[index] ? [data] : []));
    const last = known.get(given[0]);
    if (last && given.every((data, index) => data === last.given[index])) return last.results;
    const results = call(inputs);
    known.set(given[0], { given, results });
    results.catch(() => {
      if (known.get(given[0])?.results === results) known.delete(given[0]); // the next call tries again
    });
    return results;
  };
}
