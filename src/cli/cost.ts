/** `cutlayer cost FILE`: the analytic cost of communication beside the bytes of the messages, for every trainer. */

import { counted } from '../arrays/counted.ts';
import type { CommandBody } from './commands.ts';
import type { PricedSetting } from './cost/settings.ts';
import type { GlobalOptions } from './global-options.ts';
import { print } from './output.ts';
import { table } from './table.ts';
import { warn } from './warn.ts';

interface CostArguments extends GlobalOptions {
  readonly file: string;
  readonly set: readonly string[];
  readonly json: boolean;
}

export const costCommand: CommandBody = {
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'experiment file, as in experiments/' })
      .option('set', { type: 'string', array: true, default: [], describe: 'PATH=VALUE: replaces a value of the file' })
      .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' }),
  handler: (args) => cost(args as unknown as CostArguments),
};

async function cost({ file, set, dataDir, json }: CostArguments): Promise<void> {
  const { loadExperiment } = await import('../lab/config/experiment.ts');
  const { catalogues } = await import('./catalogues.ts');
  const { pricedSettings } = await import('./cost/settings.ts');
  const experiment = await loadExperiment(file, { catalogues, sets: set, dataDir });
  warn(experiment.warnings);
  const priced = await pricedSettings(experiment.planned, { catalogues, dataDir });
  const rows = priced.flatMap(({ rows: own, ...setting }) => own.map((row) => ({ ...row, ...setting })));
  print(json, rows, priced.flatMap(lines));
}

function lines({ rows, ...setting }: PricedSetting, index: number): string[] {
  const { model, cut, clients, participants, examples, localEpochs } = setting;
  const epochs = localEpochs === 1 ? '' : `, ${localEpochs} local epochs`;
  const who = participants === clients ? 'all' : `${participants} of them`;
  const means = participants === clients ? '' : ' (means over who does)';
  const title = `${model} cut at ${cut}, ${counted(clients, 'client')} with ${grouped(examples)} ${examples === 1 ? 'example' : 'examples'}${epochs}; one round in which ${who} take part${means}:`;
  const head = ['trainer', 'values a client', 'values in all', 'bytes of the messages'];
  const cells = rows.map(({ trainer, valuesPerClient, valuesTotal, bytesTotal }) => [
    trainer,
    grouped(valuesPerClient),
    grouped(valuesTotal),
    grouped(bytesTotal),
  ]);
  return [...(index > 0 ? [''] : []), title, ...table([head, ...cells], [1, 2, 3])];
}

function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}
