/**
 * Lets no process end in the middle of native code. Where one ends, Node.js stops its other threads, and what native code then throws
 * on them nobody can catch: the process would abort. So a thread goes through a gate of its own to native code, and the main thread
 * shuts all gates before the process ends, and waits for those who are inside. In a Worker of the caller's own, which is stopped in the
 * middle of native code itself, gates help only where it exits by itself.
 */

/** Shared by a thread and the main one. */
export type Gate = Int32Array<SharedArrayBuffer>;

/** States of a gate, of which the last two are bits: it may be shut behind somebody. */
const [open, inside, shut] = [0, 1, 2];

const gates = new Set<Gate>();

export function newGate(): Gate {
  const gate = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  gates.add(gate);
  shutFirst();
  return gate;
}

/** To be called before a thread begins something: a listener that came before, and exits or throws, would keep the gates open. */
export function shutFirst(): void {
  process.off('exit', shutGates);
  process.prependListener('exit', shutGates);
}

/** Of a thread that has ended, wherever it was. */
export function forgetGate(gate: Gate): void {
  if (gates.delete(gate) && gates.size === 0) process.off('exit', shutGates);
}

/** Nobody who is inside much longer than any graph takes is waited for. */
const longestMs = 10_000;

/** All are shut first, so that no thread begins anything new. */
function shutGates(): void {
  for (const gate of gates) Atomics.or(gate, 0, shut);
  const end = performance.now() + longestMs;
  for (const gate of gates) Atomics.wait(gate, 0, inside | shut, Math.max(0, end - performance.now()));
}

/** On the thread, which does one thing after the other: where the gate is shut, it waits for the end of the process. */
export async function throughGate<T>(gate: Gate, run: () => T | Promise<T>): Promise<T> {
  if (Atomics.compareExchange(gate, 0, open, inside) !== open) Atomics.wait(gate, 0, shut);
  try {
    return await run();
  } finally {
    Atomics.sub(gate, 0, inside);
    Atomics.notify(gate, 0);
  }
}
