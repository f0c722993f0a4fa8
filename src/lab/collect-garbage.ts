/** Frees memory now, in processes that live through many runs. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/**
 * V8 waits until there is much to free, and knows only of the few bytes of an object that holds a graph of ONNX Runtime, not of
 * the graph: over fifty runs hundreds of megabytes. It takes 10 to 20 ms.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc'); // there is no other way but an option of node
  collect ??= runInNewContext('gc') as () => void;
  collect();
}
