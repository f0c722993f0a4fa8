/** Executes command lines sent by `runCli`, one after the other, and answers with what they wrote. */

import { execute } from '../command-line.ts';

process.on('message', async (args: readonly string[]) => {
  const out = captured(process.stdout);
  const err = captured(process.stderr);
  const status = await execute(args);
  out.release();
  err.release();
  process.send?.({ status, stdout: out.text(), stderr: err.text() });
});

function captured(stream: NodeJS.WriteStream) {
  const original = stream.write;
  let text = '';
  stream.write = ((chunk: string | Uint8Array) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  }) as typeof stream.write;
  return {
    text: () => text,
    release: () => {
      stream.write = original;
    },
  };
}
