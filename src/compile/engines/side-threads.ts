/** Threads beside the main one, which run graphs while it does something else. A process that ends waits for the graphs in their hands. */

import { Worker } from 'node:worker_threads';
import { sizeOf } from '../../arrays/ndarray.ts';
import { whenAllEnded } from '../when-all-ended.ts';
import { forgetGate, type Gate, newGate, shutFirst } from './native-gate.ts';
import type { Answer, Done, Numbers, Order, Program } from './onnx-worker.ts';

/** Runs a graph on one of the threads. Arrays are copied when it is called, and results belong to the caller. */
export type RunOnThread = (inputs: readonly Float32Array[]) => Promise<readonly Float32Array[]>;

export interface SideThreads {
  /**
   * Makes the graph known to all threads; for each of them, what runs it there. They forget it where nobody can run it any more, or
   * where one of them does not take it. What was loaded on a thread that has ended rejects.
   */
  load(program: Program): Promise<readonly RunOnThread[]>;
}

/**
 * So many threads, begun when the first graph is loaded; where one has ended, another is begun for the next graph.
 *
 * @param start Begins a thread that goes through the gate; tests have others.
 */
export function sideThreads(count: number, start: (gate: Gate) => Worker = startWorker): SideThreads {
  let threads: readonly SideThread[] = [];
  const begin = () => {
    threads = threads.filter(({ hasEnded }) => !hasEnded);
    while (threads.length < count) threads = [...threads, new SideThread(start)]; // kept even if the next one fails
    return threads;
  };
  let programs = 0;
  return {
    async load(program) {
      const all = begin();
      const id = programs;
      programs += 1;
      try {
        await whenAllEnded(all.map((thread) => thread.carryOut({ kind: 'load', id, program })));
      } catch (error) {
        for (const thread of all) thread.release(id);
        throw error;
      }
      return all.map((thread) => runOn(thread, { id, size: sizeOfInputs(program) }));
    },
  };
}

/** Sessions on other threads are not collected with what runs them. */
const abandoned = new FinalizationRegistry(({ thread, id }: { thread: SideThread; id: number }) => thread.release(id));

/** @param size How many numbers the inputs have. */
function runOn(thread: SideThread, { id, size }: { readonly id: number; readonly size: number }): RunOnThread {
  const free: Numbers[] = [];
  const run: RunOnThread = async (inputs) => {
    const filled = concatenated(inputs, free.pop() ?? new Float32Array(size));
    const { numbers, results } = (await thread.carryOut({ kind: 'run', id, numbers: filled })) as Done;
    free.push(numbers);
    return results;
  };
  abandoned.register(run, { thread, id });
  return run;
}

function sizeOfInputs({ inputs }: Program): number {
  return inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function concatenated(arrays: readonly Float32Array[], target: Numbers): Numbers {
  let start = 0;
  for (const array of arrays) {
    target.set(array, start);
    start += array.length;
  }
  return target;
}

interface Waiting {
  readonly resolve: (done: Partial<Done>) => void;
  readonly reject: (error: Error) => void;
}

class SideThread {
  private readonly gate = newGate();
  private readonly worker: Worker;
  /** For answers, which come in the order of the orders. */
  private readonly waiting: Waiting[] = [];
  private failure: Error | undefined;

  constructor(start: (gate: Gate) => Worker) {
    this.worker = this.begun(start);
    this.worker.unref();
    this.worker.on('message', (answer: Answer) => this.settle(answer));
    this.worker.on('error', (error: Error) => this.fail(error));
    this.worker.on('exit', (code) => this.fail(endedWith(code)));
  }

  private begun(start: (gate: Gate) => Worker): Worker {
    try {
      return start(this.gate);
    } catch (error) {
      forgetGate(this.gate);
      throw error;
    }
  }

  get hasEnded(): boolean {
    return this.failure !== undefined;
  }

  carryOut(order: Order): Promise<Partial<Done>> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      if (this.waiting.push({ resolve, reject }) === 1) this.beforeFirst();
      this.worker.postMessage(order, order.kind === 'run' ? [order.numbers.buffer] : []);
    });
  }

  /** The process must not end before the answer; where it is made to end, the gate has to be shut. */
  private beforeFirst(): void {
    this.worker.ref();
    shutFirst();
  }

  release(id: number): void {
    this.carryOut({ kind: 'release', id }).catch(() => {}); // a thread that has ended holds nothing
  }

  private settle(answer: Answer): void {
    const first = this.waiting.shift();
    if (this.waiting.length === 0) this.worker.unref();
    if ('error' in answer) first?.reject(new Error(answer.error));
    else first?.resolve(answer);
  }

  private fail(error: Error): void {
    this.failure ??= error;
    forgetGate(this.gate);
    for (const { reject } of this.waiting.splice(0)) reject(this.failure);
  }
}

function endedWith(code: number): Error {
  return new Error(`a thread beside the main one ended with code ${code}; the next call begins another.`);
}

/** From sources, the loader that reads them has to be made known on each thread: workers do not take it over on all versions of Node.js. */
function startWorker(gate: Gate): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const module = new URL(isSource ? './onnx-worker.ts' : './onnx-worker.js', import.meta.url);
  if (!isSource) return new Worker(module, { workerData: gate });
  const loader = import.meta.resolve('tsx/esm/api');
  const start = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(module)}); })`;
  return new Worker(start, { eval: true, workerData: gate });
}
