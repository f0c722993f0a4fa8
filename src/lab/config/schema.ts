/** What an experiment file may say, with every default. */

import { z } from 'zod';
import type { CatalogueEntry, OptionSpec } from '../../contracts/options.ts';
import { protocols } from '../../training/protocol.ts';
import type { Catalogues } from '../catalogues.ts';
import {
  byName,
  byNameOr,
  optionSchema,
  optionsShape,
  record,
  requiredSchema,
  type Shape,
  shown,
} from './option-schema.ts';
import type { Problem } from './problems.ts';

type Table = Readonly<Record<string, OptionSpec>>;

const dataTable: Table = {
  train: { type: 'integer', min: 1, description: 'examples of the training split, the first; all where left out' },
  test: {
    type: 'integer',
    min: 1,
    description: 'examples of the test split that measure accuracy; all where left out',
  },
};

export const trainerTable: Table = {
  clients: { type: 'integer', min: 1, default: 5, description: 'number of clients' },
  rounds: { type: 'integer', min: 1, default: 10, description: 'global epochs' },
  localEpochs: {
    type: 'integer',
    min: 1,
    default: 1,
    description: 'passes over its own examples a client makes in a round',
  },
  batchSize: {
    type: 'integer',
    min: 1,
    default: 64,
    description: 'examples in a batch; the last, smaller one is kept',
  },
  participation: {
    type: 'number',
    above: 0,
    max: 1,
    default: 1,
    description: 'share of the clients that take part in a round',
  },
};

const partitions: readonly { readonly name: string; readonly table: Table }[] = [
  { name: 'iid', table: {} },
  {
    name: 'dirichlet',
    table: {
      alpha: {
        type: 'number',
        above: 0,
        default: 0.5,
        description: 'of the Dirichlet shares; small: few classes a client',
      },
    },
  },
  {
    name: 'shards',
    table: { perClient: { type: 'integer', min: 1, default: 2, description: 'shards of each client' } },
  },
];

const partitionMeaning =
  'how training examples are dealt to clients: iid at random, dirichlet each class in random shares, shards in runs of one label';

const learningRate = (value: number): OptionSpec => ({
  type: 'number',
  above: 0,
  default: value,
  description: 'learning rate',
});

const state: OptionSpec = {
  type: 'choice',
  choices: ['reset', 'keep'],
  default: 'reset',
  description: 'whether the optimizer’s state starts anew each round, or stays with each client',
};

const optimizers: readonly { readonly name: string; readonly table: Table }[] = [
  { name: 'sgd', table: { learningRate: learningRate(0.05), state } },
  {
    name: 'momentum',
    table: {
      learningRate: learningRate(0.05),
      momentum: { type: 'number', min: 0, below: 1, default: 0.9, description: 'share of the old step that is kept' },
      state,
    },
  },
  { name: 'adam', table: { learningRate: learningRate(0.001), state } },
];

const ledgerTable: Table = {
  delta: { type: 'number', above: 0, below: 1, default: 1e-5, description: 'δ at which finite ε are stated' },
  distance: {
    type: 'number',
    above: 0,
    default: 1,
    description:
      'input distance at which the activation channel’s ε is stated, in the norm of the defense (pixeldp: inputNorm)',
  },
};

const auditTable: Table = {
  trials: { type: 'integer', min: 100, default: 2000, description: 'runs of each mechanism in each of two worlds' },
  delta: {
    type: 'number',
    above: 0,
    below: 1,
    default: 0.01,
    description: 'δ at which ε is held against its claim; larger ones need fewer trials',
  },
  confidence: {
    type: 'number',
    above: 0.5,
    below: 1,
    default: 0.95,
    description: '1 − probability of a false alarm',
  },
};

const named = ({ name, table }: { readonly name: string; readonly table: Table }) => ({
  name,
  shape: optionsShape(table),
});

/** A list; what is not one is told how to become one. */
function list(item: z.ZodType) {
  return z.array(item, { error: ({ input }) => `must be a list ([] for none), but is ${shown(input)}.` });
}

function choice(names: readonly string[], description: string): z.ZodType {
  return optionSchema({ type: 'choice', choices: names, description });
}

/** Like `choice`, but it must be there. */
function requiredChoice(names: readonly string[], description: string): z.ZodType {
  return requiredSchema({ type: 'choice', choices: names, description });
}

function attackShape({ options, views }: { readonly options: Table; readonly views: readonly string[] }): Shape {
  const description = 'what the attacker is given; left out: the attack’s own, which depends on the trainer';
  return { ...optionsShape(options), view: choice(views, description) };
}

function modelShape({ options, defaultCut }: CatalogueEntry & { readonly defaultCut: number }): Shape {
  const description = 'number of layers on the client; ignored by centralized and federated, which do not cut';
  return { ...optionsShape(options), cut: optionSchema({ type: 'integer', min: 1, default: defaultCut, description }) };
}

const nameOf = ({ name }: { readonly name: string }) => name;

function text() {
  return z.string({ error: ({ input }) => `must be a text, but is ${shown(input)}.` });
}

function experimentName() {
  const allowed = 'letters, digits, ".", "_" and "-" only';
  return text()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
      error: ({ input }) => `must be ${allowed} (it names the folder of results), but is ${shown(input)}.`,
    })
    .meta({ description: 'name of the folder of results; left out: the file’s name', allowed });
}

function dataSection({ datasets }: Catalogues) {
  const folder = { description: 'folder of your own files; left out: --data-dir, or what was installed' };
  return record({
    name: requiredChoice(datasets.map(nameOf), '"cutlayer show dataset NAME" says more of each'),
    dir: text().optional().meta(folder),
    ...optionsShape(dataTable),
  }).meta({ description: 'the examples', required: true });
}

function trainerSection() {
  return record({
    name: requiredChoice(protocols.map(nameOf), '"cutlayer show trainer NAME" says more of each'),
    ...optionsShape(trainerTable),
    partition: byNameOr('iid', partitions.map(named))
      .prefault({})
      .meta({ description: partitionMeaning, defaultName: 'iid' }),
    optimizer: byNameOr('sgd', optimizers.map(named))
      .prefault({})
      .meta({ description: 'how parameters follow gradients, on clients and servers alike', defaultName: 'sgd' }),
  }).meta({ description: 'who trains which part, and how', required: true });
}

/** One configuration without its seed: what remains of an experiment once the grid's values are in their places. */
export function configurationSchema(catalogues: Catalogues) {
  const { models, attacks, defenses } = catalogues;
  const model = byName(models.map((entry) => ({ name: entry.name, shape: modelShape(entry) })));
  const defense = byName(defenses.map(({ name, options }) => ({ name, shape: optionsShape(options) })));
  const attack = byName(attacks.map((entry) => ({ name: entry.name, shape: attackShape(entry) })));
  return record({
    name: experimentName(),
    data: dataSection(catalogues),
    model: model.meta({ description: 'the network', catalogue: 'model', required: true }),
    trainer: trainerSection(),
    defenses: list(defense.meta({ catalogue: 'defense' }))
      .default([])
      .meta({ description: 'what protects, in the order in which it acts; [] for none' }),
    attacks: list(attack.meta({ catalogue: 'attack' }))
      .default([])
      .meta({ description: 'what tries to reconstruct training data; [] for none' }),
    ledger: record(optionsShape(ledgerTable)).prefault({}).meta({ description: 'at which finite ε are stated' }),
    audit: record(optionsShape(auditTable))
      .optional()
      .meta({ description: 'audits every mechanism of a run: {} for the defaults; left out: none' }),
  });
}

/** What only a file as a whole has; `experiment.ts` checks it. Each run has one of the seeds and one point of the grid. */
export const sweepKeys = {
  seeds: {
    description: 'every configuration runs once with each; the same seed gives the same results',
    allowed: 'a list of whole numbers, each once',
    preset: '[1]',
  },
  grid: {
    description: 'paths with the values to go through; the runs are their product, the last path fastest',
    allowed: 'a record of paths to lists of values; zip, include, exclude',
    preset: '{}',
  },
} as const;

/** Top-level keys of an experiment file. */
export const experimentKeys = [
  'name',
  'data',
  'model',
  'trainer',
  'defenses',
  'attacks',
  'seeds',
  'ledger',
  'audit',
  'grid',
];

/** The problems that a schema found. An issue with unknown keys becomes one for each; its message lists the known ones. */
export function problemsOf(
  error: z.ZodError,
  unknownKey: (key: string, known: readonly string[]) => string,
): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    const path = issue.path.filter((step): step is string | number => typeof step !== 'symbol');
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
    const known = issue.message.split(', ');
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, known) }));
  });
}
