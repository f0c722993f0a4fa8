/** Opens pages in headless Chromium, where one is found, and tells what went wrong in them. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** Undefined where there is none: Debian's chromium, which .ci/run installs. */
export function findChromium(): string | undefined {
  const candidates = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  return candidates.find((candidate) => spawnSync(candidate, ['--version']).status === 0);
}

export interface Tab {
  /** The value of an expression in the page; promises are waited for. */
  evaluate<T>(expression: string): Promise<T>;
  /** Until the expression is true. Rejects after a while. */
  until(expression: string): Promise<void>;
  /** Errors and warnings of the console, exceptions, and what the content policy refused. */
  readonly problems: readonly string[];
  /** Whatever was asked of file system or network. */
  readonly requests: readonly string[];
  press(key: 'Tab' | 'Enter' | 'ArrowRight'): Promise<void>;
}

export interface Viewport {
  readonly width: number;
  readonly height: number;
}

type Params = Readonly<Record<string, unknown>>;
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params: Params;
  readonly result: Params;
  readonly error?: { readonly message: string };
}

/** One process for a suite; `close` ends it. */
export class Chromium {
  readonly #process: ChildProcess;
  readonly #profile = mkdtempSync(join(tmpdir(), 'chromium-'));
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #listeners = new Set<(message: Message & { readonly sessionId?: string }) => void>();
  #sent = 0;

  constructor(command: string) {
    this.#process = spawn(
      command,
      [
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--remote-debugging-pipe',
        `--user-data-dir=${this.#profile}`,
        'about:blank',
      ],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    let unread = '';
    (this.#process.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      const messages = (unread + chunk).split('\0');
      unread = messages.pop() ?? '';
      for (const message of messages) this.#receive(JSON.parse(message) as Message);
    });
  }

  #receive(message: Message): void {
    if (message.id === undefined) for (const listener of this.#listeners) listener(message);
    else this.#waiting.get(message.id)?.(message);
  }

  #call(method: string, params: Params = {}, sessionId?: string): Promise<Params> {
    this.#sent += 1;
    const id = this.#sent;
    (this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        this.#waiting.delete(id);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result);
      });
    });
  }

  async open(url: string, { width, height }: Viewport = { width: 1200, height: 900 }): Promise<Tab> {
    const { targetId } = await this.#call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.#call('Target.attachToTarget', { targetId, flatten: true });
    const call = (method: string, params?: Params) => this.#call(method, params, String(sessionId));
    const notes: Notes = { problems: [], requests: [] };
    this.#listeners.add((message) => {
      if (message.sessionId === sessionId) note(message, notes);
    });
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await call(`${domain}.enable`);
    await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 500 });
    await call('Emulation.setFocusEmulationEnabled', { enabled: true }); // keys reach it although no window is in front
    await call('Page.navigate', { url });
    return tabOf(call, notes);
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    await this.#call('Browser.close').catch(() => {});
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Notes {
  readonly problems: string[];
  readonly requests: string[];
}

function note({ method, params }: Message, { problems, requests }: Notes): void {
  if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') problems.push(JSON.stringify(params));
  if (method === 'Runtime.consoleAPICalled' && params['type'] !== 'log') problems.push(JSON.stringify(params['args']));
  if (method === 'Network.requestWillBeSent') {
    const { url } = params['request'] as { readonly url: string };
    if (!url.startsWith('data:')) requests.push(url);
  }
}

type Call = (method: string, params?: Params) => Promise<Params>;

const patienceMs = 40_000;

function tabOf(call: Call, notes: Notes): Tab {
  const evaluate = async <T>(expression: string): Promise<T> => {
    const answer = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (answer['exceptionDetails']) throw new Error(JSON.stringify(answer['exceptionDetails']));
    return (answer['result'] as { readonly value: T }).value;
  };
  return {
    ...notes,
    evaluate,
    async until(expression) {
      const end = Date.now() + patienceMs;
      while (!(await evaluate<boolean>(`Boolean(${expression})`).catch(() => false))) {
        if (Date.now() > end) throw new Error(`waited in vain for ${expression}; ${notes.problems.join(' ')}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async press(key) {
      const code = { Tab: 9, Enter: 13, ArrowRight: 39 }[key];
      const event = { key, code: key, windowsVirtualKeyCode: code, ...(key === 'Enter' && { text: '\r' }) };
      await call('Input.dispatchKeyEvent', { type: 'keyDown', ...event });
      await call('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
    },
  };
}
