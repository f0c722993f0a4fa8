import { request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect } from 'chai';
import { serveWatched, type WatchServer } from './watch-server.ts';

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

function ask(
  server: WatchServer,
  { path = '/', host, method = 'GET' }: { path?: string; host?: string; method?: string },
): Promise<Answer> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () => resolve({ status: response.statusCode, text }));
    });
    asked.once('error', reject).end();
  });
}

/** The first event that comes by. */
async function firstEvent(server: WatchServer, since: string): Promise<string> {
  const response = await fetch(`${server.url}changes?since=${since}`);
  let text = '';
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  while (!text.includes('event: ')) text += new TextDecoder().decode((await reader.read()).value);
  await reader.cancel();
  return text;
}

describe('serveWatched', () => {
  let version = 'one';
  let server: WatchServer;
  const page = async () => ({ version, text: `<p>${version}</p>` });
  before(async () => {
    server = await serveWatched({ page, version: () => version, port: 0, everyMs: 10 });
  });
  after(() => server.close());

  it('serves the page, and nothing else', async () => {
    expect(await ask(server, {})).to.deep.equal({ status: 200, text: '<p>one</p>' });
    expect((await ask(server, { path: '/../../etc/passwd' })).status).to.equal(404);
    expect((await ask(server, { method: 'POST' })).status).to.equal(405);
  });

  it('answers only who asked for it by its own name: no other site reads it by a name that leads here', async () => {
    const { port } = new URL(server.url);
    expect((await ask(server, { host: `localhost:${port}` })).status).to.equal(200);
    for (const host of ['evil.example', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, '127.0.0.1']) {
      for (const path of ['/', '/changes']) {
        expect(await ask(server, { host, path })).to.deep.equal({
          status: 403,
          text: 'Only 127.0.0.1 and localhost are served here.\n',
        });
      }
    }
  });

  it('listens on loopback alone', async function () {
    const others = Object.values(networkInterfaces()).flatMap((all = []) =>
      all.filter(({ internal, family }) => !internal && family === 'IPv4'),
    );
    const [other] = others;
    if (!other) return this.skip(); // a machine without another address
    const outcome = await new Promise((resolve) => {
      const socket = connect({ host: other.address, port: Number(new URL(server.url).port) }, () => resolve('reached'));
      socket.once('error', () => resolve('refused'));
    });
    expect(outcome).to.equal('refused');
  });

  it('tells of a change as it comes, and at once where it came before', async () => {
    const told = firstEvent(server, version);
    version = 'two';
    expect(await told).to.contain('event: change');
    expect(await firstEvent(server, 'one')).to.contain('event: change');
  });
});
