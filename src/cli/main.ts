#!/usr/bin/env node
/** The command `cutlayer`. */

import * as nodeModule from 'node:module';

// What Node.js compiles, it keeps for the next call; Node.js 20 cannot. NODE_DISABLE_COMPILE_CACHE=1 keeps nothing.
const { enableCompileCache } = nodeModule as { readonly enableCompileCache?: () => unknown };
enableCompileCache?.();
const { execute } = await import('./command-line.ts'); // only now, so that it is kept too

// Who reads the results may stop early (`| head`): that is no failure.
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit();
  process.stderr.write(`cutlayer: the results cannot be written to stdout: ${message}.\n`);
  process.exit(1);
});
process.stderr.on('error', () => {}); // nobody is left to tell

process.exitCode = await execute(process.argv.slice(2));
