#!/usr/bin/env node
/** The command `cutlayer`. */

import { execute } from './command-line.ts';

// Who reads the results may stop early (`| head`): that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

process.exitCode = await execute(process.argv.slice(2));
