/** Serves a page on the loopback interface, and tells it when it changed. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Version } from './watched-page.ts';

export interface WatchServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly page: () => Promise<Version>;
  /** As `page` would give it, but cheap. */
  readonly version: () => string;
  /** 0: any that is free. */
  readonly port: number;
  /** How often `version` is looked at. */
  readonly everyMs?: number;
}

/** Rejects where the port is taken. */
export async function serveWatched({ page, version, port, everyMs = 1000 }: ServeOptions): Promise<WatchServer> {
  const listeners = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    answer(request, response, { page, version, listeners }).catch((error: unknown) => {
      plain(response, 500, error instanceof Error ? error.message : String(error));
    });
  });
  await listening(server, port);
  let told = version();
  const timer = setInterval(() => {
    const now = version();
    if (now === told) return;
    told = now;
    for (const listener of listeners) listener.write(changeEvent);
  }, everyMs);
  return {
    url: `http://127.0.0.1:${portOf(server)}/`,
    close() {
      clearInterval(timer);
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** On loopback: nobody else's machine reaches it. */
function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

interface Serving extends Pick<ServeOptions, 'page' | 'version'> {
  readonly listeners: Set<ServerResponse>;
}

async function answer(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  if (!isOwnHost(request)) return plain(response, 403, 'Only 127.0.0.1 and localhost are served here.');
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(response, 405, 'Only GET is answered here.');
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (pathname === '/changes') return listen(response, searchParams.get('since'), serving);
  if (pathname !== '/') return plain(response, 404, 'There is nothing here.');
  const { text } = await serving.page();
  response.writeHead(200, { ...headers, 'Content-Type': 'text/html; charset=utf-8' }).end(text);
}

/**
 * A page of another site can make its own name lead to this machine, and would then be read as if it came from here; the browser
 * still says which name it asked for.
 */
function isOwnHost({ headers: { host }, socket }: IncomingMessage): boolean {
  return host === `127.0.0.1:${socket.localPort}` || host === `localhost:${socket.localPort}`;
}

const headers = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const;

function plain(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

const changeEvent = 'event: change\ndata:\n\n';

/** Server-sent events; at once where the page is of another version already. */
function listen(response: ServerResponse, since: string | null, { listeners, version }: Serving): void {
  response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream' });
  response.write('retry: 1000\n\n');
  if (since !== version()) response.write(changeEvent);
  listeners.add(response);
  response.once('close', () => listeners.delete(response));
}
