#!/usr/bin/env node
/** The command `cutlayer`. */

import { execute } from './command-line.ts';

// Who reads the results may stop early (`| head`): that is no failure.
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit();
  process.stderr.write(`cutlayer: the results cannot be written to stdout: ${message}.\n`);
  process.exit(1);
});
process.stderr.on('error', () => {}); // nobody is left to tell

process.exitCode = await execute(process.argv.slice(2));
