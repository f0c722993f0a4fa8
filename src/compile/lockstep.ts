/**
 * Runs independent tasks in step, so that what they compute is computed together: where several of them wait for the same
 * compiled function over the same shapes, one graph serves all of them. The tasks know nothing of each other, and their code is
 * that of a single one: inverting 64 victims is 64 inversions, in lockstep.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { whenAllEnded } from './when-all-ended.ts';

/** A compiled function; calls of one key can be computed together. */
export interface Steps<Inputs = never> {
  keyOf(inputs: Inputs): string;
  call(inputs: Inputs): Promise<unknown>;
  /**
   * Results in the order of the calls, of which there are at least two.
   * @param width Where they are computed in one graph, it is one for so many calls: some may be there that nobody asked for.
   */
  callTogether(calls: readonly Inputs[], width: number): Promise<readonly unknown[]>;
  /** Several calls of one task. Results in the order of the calls. */
  callEach(calls: readonly Inputs[]): Promise<readonly unknown[]>;
}

/** How many tasks are in step at most; more are begun when these have ended. */
const mostLanes = 32;

interface Lane {
  readonly index: number;
  readonly meeting: Meeting;
}

const ownLane = new AsyncLocalStorage<Lane>();

/**
 * Arrays that a task hands to a compiled function must not be written to afterwards.
 *
 * @returns What the tasks return, in their order.
 * @throws What the first of them in that order throws, once all that were begun have ended.
 */
export async function inLockstep<T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  for (let first = 0; first < tasks.length; first += mostLanes) {
    results.push(...(await together(tasks.slice(first, first + mostLanes))));
  }
  return results;
}

async function together<T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const meeting = new Meeting(tasks.length);
  return whenAllEnded(tasks.map((task, index) => ownLane.run({ index, meeting }, task)));
}

/** The call at once; where the caller runs in lockstep, together with those of the other tasks. */
export function inStep<Inputs>(steps: Steps<Inputs>, inputs: Inputs): Promise<unknown> {
  const lane = ownLane.getStore();
  return lane ? lane.meeting.join(lane.index, steps, inputs) : steps.call(inputs);
}

/** Several calls of one task: where it runs in lockstep, one after the other, each together with those of the other tasks. */
export async function eachInStep<Inputs>(steps: Steps<Inputs>, calls: readonly Inputs[]): Promise<readonly unknown[]> {
  if (!ownLane.getStore()) return steps.callEach(calls);
  const results: unknown[] = [];
  for (const inputs of calls) results.push(await inStep(steps, inputs));
  return results;
}

interface Waiting {
  readonly lane: number;
  readonly steps: Steps<unknown>;
  readonly inputs: unknown;
  readonly resolve: (outputs: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Where tasks wait for each other: everything that is asked for before the event loop turns is computed at once. So who is
 * computed with whom depends on what the tasks do and never on how long it takes, as long as they wait for nothing else.
 */
class Meeting {
  private readonly size: number;
  private waiting: Waiting[] = [];
  private isPlanned = false;

  constructor(size: number) {
    this.size = size;
  }

  join<Inputs>(lane: number, steps: Steps<Inputs>, inputs: Inputs): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ lane, steps: steps as Steps<unknown>, inputs, resolve, reject });
      this.plan();
    });
  }

  private plan(): void {
    if (this.isPlanned) return;
    this.isPlanned = true;
    setImmediate(() => ownLane.exit(() => void this.compute()));
  }

  /** Nobody goes on before all are served: who is quick would meet others next time. */
  private async compute(): Promise<void> {
    const calls = this.waiting.sort((a, b) => a.lane - b.lane);
    this.waiting = [];
    const served: (() => void)[] = [];
    for (const group of groupsOf(calls)) {
      try {
        const outputs = await computed(group, this.size);
        for (const [index, { resolve }] of group.entries()) served.push(() => resolve(outputs[index]));
      } catch (error) {
        for (const { reject } of group) served.push(() => reject(error));
      }
    }
    this.isPlanned = false;
    for (const serve of served) serve();
    if (this.waiting.length > 0) this.plan();
  }
}

/** Those that one graph can serve, in the order in which the first of them came. */
function groupsOf(calls: readonly Waiting[]): Waiting[][] {
  const groups = new Map<Steps<unknown>, Map<string, Waiting[]>>();
  for (const call of calls) {
    const { steps, inputs } = call;
    const byKey = groups.get(steps) ?? new Map<string, Waiting[]>();
    groups.set(steps, byKey);
    const key = steps.keyOf(inputs);
    const group = byKey.get(key);
    if (group) group.push(call);
    else byKey.set(key, [call]);
  }
  return [...groups.values()].flatMap((byKey) => [...byKey.values()]);
}

async function computed(group: readonly Waiting[], size: number): Promise<readonly unknown[]> {
  const [{ steps, inputs }] = group;
  if (group.length === 1) return [await steps.call(inputs)];
  return steps.callTogether(
    group.map((call) => call.inputs),
    widthFor(group.length, size),
  );
}

/** Tasks end one by one, and each width is a graph of its own: few widths serve them all, with lanes that nobody needs. */
function widthFor(calls: number, size: number): number {
  return Math.min(size, 2 ** Math.ceil(Math.log2(calls)));
}
