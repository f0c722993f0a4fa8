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
  /** Does a part of an item that another lane works on; false where there is none to do. */
  help?(item: Item): Promise<boolean>;
  /** Whether no further item is to be taken. */
  isOver(): boolean;
}

const pollMs = 250;

/** Ends where every item is settled, by whichever process, or where it is over and those in hand are done. */
export async function workThrough<Item>(queue: SharedQueue<Item>): Promise<void> {
  const open = [...queue.items];
  const elsewhere: Item[] = [];
  const inHand = new Set<Item>();
  const next = () => (queue.isOver() ? undefined : open.shift());
  const isWaiting = () => inHand.size > 0 || (elsewhere.length > 0 && !queue.isOver());
  const helpSome = async () => {
    for (const item of inHand) if (await queue.help?.(item)) return true; // those that end meanwhile are left out
    return false;
  };
  const lane = async () => {
    for (let item = next(); item !== undefined || isWaiting(); item = next()) {
      if (item === undefined) {
        if (!(await helpSome())) await sleep(pollMs);
        open.push(...elsewhere.splice(0));
        continue;
      }
      if (!(await wasHandled(queue, item, inHand))) elsewhere.push(item);
    }
  };
  await Promise.all(Array.from({ length: queue.lanes }, lane));
}

/** False where another process has it in hand. */
async function wasHandled<Item>(queue: SharedQueue<Item>, item: Item, inHand: Set<Item>): Promise<boolean> {
  if (queue.isSettled(item)) return true;
  const lease = tryLease(queue.leaseFile(item));
  if (!lease) return false;
  try {
    inHand.add(item);
    if (!queue.isSettled(item)) await queue.work(item);
    return true;
  } finally {
    inHand.delete(item);
    lease.giveBack();
  }
}
