/** `cutlayer doctor`: what was found, what is missing and how to get it, and whether second derivatives are right. */

import type { CommandBody } from './commands.ts';
import type { Diagnosis } from './doctor/diagnosis.ts';
import type { GlobalOptions } from './global-options.ts';
import { print } from './output.ts';

export const doctorCommand: CommandBody = {
  builder: (yargs) =>
    yargs.option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' }),
  handler: async (args) => {
    const { threads, dataDir, json } = args as unknown as GlobalOptions & { readonly json: boolean };
    const { diagnose, report } = await import('./doctor/diagnosis.ts');
    const diagnosis = await diagnose({ threads, dataDir });
    print(json, diagnosis, report(diagnosis));
    if (!diagnosis.ok) throw new Error(failure(diagnosis));
  },
};

function failure({ node, engines, datasets }: Diagnosis): string {
  const parts = [node, ...engines, ...datasets].filter(({ ok, required }) => required && !ok);
  return `what is needed does not work: ${parts.map(({ name }) => name).join(', ')}.`;
}
