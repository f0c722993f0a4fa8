/** `cutlayer new experiment|attack|defense NAME`: a skeleton that works, in the right folder, with its line in the catalogue. */

import { relative } from 'node:path';
import type { CommandBody } from './commands.ts';
import { cloneAround } from './new/clone.ts';
import { type NewKind, newKinds } from './new/names.ts';
import { type FileText, planNew } from './new/plan.ts';
import { rebuild } from './new/rebuild.ts';
import { writePlan } from './new/write.ts';
import { oneOf } from './one-of.ts';
import { print } from './output.ts';

interface NewArguments {
  readonly kind: string;
  readonly name: string;
  readonly dryRun: boolean;
  readonly build: boolean;
  readonly json: boolean;
}

export const newCommand: CommandBody = {
  builder: (yargs) =>
    yargs
      .positional('kind', { type: 'string', demandOption: true, describe: newKinds.join(', ') })
      .positional('name', { type: 'string', demandOption: true, describe: 'in kebab-case, like my-attack' })
      .option('dry-run', { type: 'boolean', default: false, describe: 'check and name the files, write nothing' })
      .option('build', {
        type: 'boolean',
        default: true,
        describe: 'attack, defense: build again, so that the command knows it at once; --no-build leaves that out',
      })
      .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' })
      .example('$0 new experiment my-question', 'experiments/my-question.yaml, which runs in seconds')
      .example('$0 new attack my-attack', 'attacks/my-attack.ts, its test, and its line in attacks/index.ts'),
  handler: (args) => create(args as unknown as NewArguments),
};

async function create({ kind: given, name, dryRun, build, json }: NewArguments): Promise<void> {
  const kind = oneOf('kind', given, newKinds);
  const folder = process.cwd();
  const clone = cloneAround(folder);
  const plan = planNew({ kind, name: String(name), folder, clone, taken: await takenNames(kind) });
  if (!dryRun) writePlan(plan);
  const shown = (files: readonly FileText[]) => files.map(({ path }) => relative(folder, path));
  const [created, changed, next] = [
    shown(plan.created),
    shown(plan.changed),
    nextSteps(kind, name, shown(plan.created)),
  ];
  print(json, { kind, name, dryRun, created, changed, next }, [
    ...created.map((path) => `${dryRun ? 'would write' : 'wrote'}    ${path}`),
    ...changed.map((path) => `${dryRun ? 'would change' : 'changed'}  ${path}`),
    '',
    ...next,
  ]);
  if (clone?.isBuilt && kind !== 'experiment' && build && !dryRun) rebuild(clone.root);
}

async function takenNames(kind: NewKind): Promise<readonly string[]> {
  if (kind === 'experiment') return [];
  const { entriesOf } = await import('./kinds.ts');
  return (await entriesOf(kind)).map((entry) => entry.name);
}

/** Commands with what they are for. */
function nextSteps(kind: NewKind, name: string, [file = '']: readonly string[]): string[] {
  if (kind === 'experiment') return [`npx cutlayer run ${file}`];
  const trial = kind === 'attack' ? `attacks=[{ name: ${name} }]` : `grid.defenses=[[], [{ name: ${name} }]]`;
  return [`npm test -- -g ${name}`, `npx cutlayer run experiments/smoke.yaml --set '${trial}'`];
}
