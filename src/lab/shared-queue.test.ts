import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { workThrough } from './shared-queue.ts';

describe('workThrough', () => {
  let folder = '';
  const file = (name: string) => join(folder, name);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutlayer-queue-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Items are files that are to be there; work on one takes so many milliseconds. */
  const queueOf = (items: readonly string[], work: (item: string) => Promise<void>) => ({
    items,
    lanes: 2,
    leaseFile: (item: string) => file(`${item}.lease`),
    isSettled: (item: string) => existsSync(file(item)),
    work: async (item: string) => {
      await work(item);
      writeFileSync(file(item), '');
    },
    isOver: () => false,
  });

  it('lets lanes without an item of their own help with those in hand, again until all are done', async () => {
    const helped: string[] = [];
    let parts = 5;
    const queue = queueOf(['a'], async () => {
      for (; parts > 0; parts -= 1) await sleep(100);
    });
    const help = async (item: string) => {
      if (parts < 2) return false;
      parts -= 1;
      helped.push(item);
      await sleep(100);
      return true;
    };
    await workThrough({ ...queue, help });
    expect(helped).to.deep.equal(['a', 'a']);
  });

  it('helps with nothing that another process has in hand, nor with what was done meanwhile', async () => {
    writeFileSync(file('b.lease'), `${process.pid} on elsewhere`);
    let isDone = false;
    const helped: string[] = [];
    const queue = queueOf(['a', 'b'], async () => {
      await sleep(600);
      isDone = true;
    });
    const help = async (item: string) => {
      expect(isDone).to.equal(false);
      helped.push(item);
      return false;
    };
    await workThrough({ ...queue, help, isOver: () => isDone });
    expect(helped.length).to.be.above(0);
    expect(new Set(helped)).to.deep.equal(new Set(['a']));
  });

  it('ends with what an item throws', async () => {
    const queue = queueOf(['a', 'b'], async (item) => {
      if (item === 'b') throw new Error('no b');
      await sleep(50);
    });
    const error = await workThrough(queue).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).to.equal('no b');
  });
});
