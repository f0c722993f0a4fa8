/** `cutlayer show model|attack|defense|dataset|trainer NAME`: what it is, its options, what it claims, its sources. */

import type { CommandModule } from 'yargs';
import { wholeNumber } from './global-options.ts';
import { kinds } from './kinds.ts';
import { oneOf } from './one-of.ts';
import { print } from './output.ts';
import { UsageError } from './usage-error.ts';

export const showCommand: CommandModule = {
  command: 'show <kind> <name>',
  describe: 'what one model, attack, defense, data set or trainer is, and its options',
  builder: (yargs) =>
    yargs
      .positional('kind', { describe: kinds.join(', '), type: 'string', demandOption: true })
      .positional('name', { describe: 'as "cutlayer list" prints it', type: 'string', demandOption: true })
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
      .example('$0 show defense pixeldp', 'its options, and what its ε means'),
  handler: async ({ kind: given, name, input, classes, json }) => {
    const kind = oneOf('kind', given, kinds);
    if (kind !== 'model' && (input ?? classes) !== undefined) {
      throw new UsageError(`--input and --classes are for models, but "${kind}" was asked for.`);
    }
    const inputShape = (input as ImageShape | undefined) ?? [28, 28, 1];
    const { describe } = await import('./show/describe.ts');
    const { document, lines } = describe(kind, String(name), { inputShape, classes: Number(classes ?? 10) });
    print(json === true, document, lines);
  },
};

type ImageShape = readonly [height: number, width: number, channels: number];

/** `32x32x3`. */
function imageShape(value: unknown): ImageShape {
  const match = /^([1-9]\d{0,3})[x×]([1-9]\d{0,3})[x×]([1-9]\d{0,3})$/.exec(String(value));
  if (match) return [Number(match[1]), Number(match[2]), Number(match[3])];
  throw new UsageError(`--input must be height, width and channels like 32x32x3, but is "${value}".`);
}
