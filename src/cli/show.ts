/**
 * `cutlayer show model|attack|defense|dataset|trainer NAME`: what it is, its options, what it claims, its sources.
 * `cutlayer show experiment`: every key of an experiment file.
 */

import type { CommandBody } from './commands.ts';
import { wholeNumber } from './global-options.ts';
import { type Kind, kinds, singularOf } from './kinds.ts';
import { oneOf } from './one-of.ts';
import { print } from './output.ts';
import type { Description } from './show/description.ts';
import type { Site } from './show/model.ts';
import { UsageError } from './usage-error.ts';

export const showCommand: CommandBody = {
  builder: (yargs) =>
    yargs
      .positional('kind', { describe: shownKinds.join(', '), type: 'string', demandOption: true })
      .positional('name', { describe: 'as "cutlayer list" prints it; none for experiment', type: 'string' })
      .option('input', {
        type: 'string',
        requiresArg: true,
        describe: 'model: shape of one example; default 28x28x1',
        coerce: (value: unknown) => (value === undefined ? undefined : imageShape(value)),
      })
      .option('classes', {
        requiresArg: true,
        describe: 'model: number of classes; default 10',
        coerce: (value: unknown) => (value === undefined ? undefined : wholeNumber('--classes', value, 2)),
      })
      .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' })
      .example('$0 show model lenet5', 'its layers, with the index at which it can be cut')
      .example('$0 show defense pixeldp', 'its options, and what its ε means')
      .example('$0 show experiment', 'what an experiment file may say'),
  handler: async ({ kind: given, name, input, classes, json }) => {
    const kind = oneOf('kind', singularOf(given), shownKinds);
    if (kind !== 'model' && (input ?? classes) !== undefined) {
      throw new UsageError(`--input and --classes are for models, but "${kind}" was asked for.`);
    }
    const inputShape = (input as ImageShape | undefined) ?? [28, 28, 1];
    const site = { inputShape, classes: Number(classes ?? 10) };
    const { document, lines } = await description({ kind, name: name as string | undefined, site });
    print(json === true, document, lines);
  },
};

const shownKinds = [...kinds, 'experiment'] as const;

interface ShowRequest {
  readonly kind: Kind | 'experiment';
  readonly name: string | undefined;
  /** What a model is built for. */
  readonly site: Site;
}

async function description({ kind, name, site }: ShowRequest): Promise<Description> {
  if (kind === 'experiment') {
    if (name !== undefined) throw new UsageError(`"cutlayer show experiment" takes no name, but was given "${name}".`);
    const { experimentDescription } = await import('./show/experiment.ts');
    return experimentDescription();
  }
  if (name === undefined) {
    throw new UsageError(`"cutlayer show ${kind}" needs a name. "cutlayer list ${kind}s" prints them.`);
  }
  const { describe } = await import('./show/describe.ts');
  return describe(kind, name, site);
}

type ImageShape = readonly [height: number, width: number, channels: number];

/** `32x32x3`. */
function imageShape(value: unknown): ImageShape {
  const match = /^([1-9]\d{0,3})[x×]([1-9]\d{0,3})[x×]([1-9]\d{0,3})$/.exec(String(value));
  if (match) return [Number(match[1]), Number(match[2]), Number(match[3])];
  throw new UsageError(`--input must be height, width and channels like 32x32x3, but is "${value}".`);
}
