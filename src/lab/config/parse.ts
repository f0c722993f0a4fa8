/** One configuration held against the schema: what is wrong with it, and what can be checked further in spite of that. */

import type { z } from 'zod';
import type { PluginConfig, RunConfig } from '../../contracts/experiment.ts';
import { protocolOf } from '../../training/protocol.ts';
import type { Catalogues } from '../catalogues.ts';
import { alternativeProblems, withoutReplaced } from './alternatives.ts';
import { didYouMean } from './did-you-mean.ts';
import { type ConfigPath, liesWithin, type Problem } from './problems.ts';
import { experimentKeys, problemsOf } from './schema.ts';
import { dependents, inPlace, unknownNames, withStandIns } from './stand-ins.ts';
import { isRecord, type Json, removeAt } from './values.ts';

/** What the schema gives: every default but those that depend on other sections. */
export type ParsedConfiguration = Omit<RunConfig, 'seed' | 'attacks' | 'model'> & {
  readonly model: { readonly name: string; readonly cut: number; readonly init?: string };
  readonly attacks: readonly PluginConfig[];
};

export interface Parsed {
  /** With defaults, or something else, in place of everything that is wrong; undefined where there is nothing to put there. */
  readonly parsed: ParsedConfiguration | undefined;
  readonly wrong: Wrong;
}

/** What is wrong with a configuration, and what of it could be checked all the same. */
export interface Wrong {
  readonly problems: readonly Problem[];
  /** Where names are unknown: another model or trainer stands there, defenses and attacks are left out. */
  readonly unknown: readonly ConfigPath[];
}

export function parseConfiguration(schema: z.ZodType, values: Json, catalogues: Catalogues): Parsed {
  const first = schema.safeParse(values);
  const wrong = first.success ? [] : problemsOf(first.error, unknownKey);
  const problems = [...wrong, ...contradictions(values, catalogues)];
  const unknown = unknownNames(wrong);
  const rest = wrong.reduceRight<Json>((root, { path }) => removeAt(root, path), values);
  const last = wrong.length === 0 ? first : schema.safeParse(withStandIns(rest, unknown, catalogues));
  const parsed = last.success ? (last.data as ParsedConfiguration) : undefined;
  return { parsed: parsed && withoutReplacedIn(parsed, catalogues), wrong: { problems, unknown } };
}

function contradictions(values: Json, { defenses, attacks }: Catalogues): Problem[] {
  if (!isRecord(values)) return [];
  return [
    ...alternativeProblems(values['defenses'], 'defenses', defenses),
    ...alternativeProblems(values['attacks'], 'attacks', attacks),
  ];
}

function withoutReplacedIn(parsed: ParsedConfiguration, { defenses, attacks }: Catalogues): ParsedConfiguration {
  return {
    ...parsed,
    defenses: parsed.defenses.map((defense) => withoutReplaced(defense, defenses)),
    attacks: parsed.attacks.map((attack) => withoutReplaced(attack, attacks)),
  };
}

/** Those of `found` that stand whatever is written in place of what is wrong already. */
export function independentOf({ problems, unknown }: Wrong, found: readonly Problem[]): readonly Problem[] {
  const touches = (a: ConfigPath, b: ConfigPath) => liesWithin(a, b) || liesWithin(b, a);
  const uncertain = unknown.flatMap(([section = '']) => dependents[section] ?? []);
  return found
    .map((problem) => inPlace(problem, unknown))
    .filter(({ path }) => !uncertain.includes(String(path[0])))
    .filter(({ path, related = [] }) =>
      [path, ...related].every((own) => !problems.some((problem) => touches(own, problem.path))),
    );
}

/** With the defaults that depend on other sections; a seed makes a run of it. */
export function resolvedConfig(parsed: ParsedConfiguration, { attacks, models }: Catalogues): Omit<RunConfig, 'seed'> {
  const { hasServer } = protocolOf(parsed.trainer.name);
  const model = models.find(({ name }) => name === parsed.model.name);
  return {
    ...parsed,
    model: { ...parsed.model, init: parsed.model.init ?? model?.defaultInit ?? '' },
    attacks: parsed.attacks.map((attack) => {
      const entry = attacks.find(({ name }) => name === attack.name);
      return { ...attack, view: attack['view'] ?? entry?.defaultView({ hasServer }) } as RunConfig['attacks'][number];
    }),
  };
}

function unknownKey(key: string, known: readonly string[]): string {
  const all = known.includes('trainer') ? experimentKeys : known;
  return `is not known here; allowed are ${all.join(', ')}.${didYouMean(key, all)}`;
}
