/** Work that several processes share: each item is done by whoever gets its lease, and by nobody else. */

import { setTimeout as sleep } from 'node:timers/promises';
import { tryLease } from './phases/lease.ts';

export interface SharedQueue<Item> {
  readonly items: readonly Item[];
  /** Items at a time. */
  readonly lanes: number;
  leaseFile(item: Item): string;
  /** Whether there is nothing left to do for the item; another process may have done it. */
  isSettled(item: Item): boolean;
  work(item: Item): Promise<void>;
  /** Whether no further item is to be taken. */
  isOver(): boolean;
}

const pollMs = 250;

/** Ends where every item is settled, by whichever process, or where it is over. */
export async function workThrough<Item>(queue: SharedQueue<Item>): Promise<void> {
  const open = [...queue.items];
  const elsewhere: Item[] = [];
  const lane = async () => {
    while (!queue.isOver()) {
      const item = open.shift();
      if (item === undefined) {
        if (elsewhere.length === 0) return;
        await sleep(pollMs);
        open.push(...elsewhere.splice(0));
      } else if (!(await wasHandled(queue, item))) elsewhere.push(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(queue.lanes, queue.items.length) }, lane));
}

/** False where another process has it in hand. */
async function wasHandled<Item>(queue: SharedQueue<Item>, item: Item): Promise<boolean> {
  if (queue.isSettled(item)) return true;
  const lease = tryLease(queue.leaseFile(item));
  if (!lease) return false;
  try {
    if (!queue.isSettled(item)) await queue.work(item);
    return true;
  } finally {
    lease.giveBack();
  }
}
