/** The name of what is new, and what follows from it: a file's name, an identifier, the stem of its types. */

import { UsageError } from '../usage-error.ts';

export const newKinds = ['experiment', 'attack', 'defense'] as const;
export type NewKind = (typeof newKinds)[number];

export interface Names {
  /** `my-attack`: its name in catalogues and the name of its file. */
  readonly name: string;
  /** `myAttack` */
  readonly identifier: string;
  /** `MyAttack` */
  readonly type: string;
}

/** Lines of a skeleton stay within the line width up to here. */
const longest = 30;

/** Names of the catalogues are words; experiments may be numbered. */
const patterns: Readonly<Record<NewKind, { readonly pattern: RegExp; readonly allowed: string }>> = {
  experiment: { pattern: /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, allowed: 'lower-case letters and digits' },
  attack: { pattern: /^[a-z]+(-[a-z]+)*$/, allowed: 'lower-case letters' },
  defense: { pattern: /^[a-z]+(-[a-z]+)*$/, allowed: 'lower-case letters' },
};

/** @throws UsageError for what is not in kebab-case. */
export function namesOf(kind: NewKind, name: string): Names {
  const { pattern, allowed } = patterns[kind];
  if (!pattern.test(name) || name.length > longest) {
    throw new UsageError(
      `the name of ${article(kind)} must be ${allowed} with single dashes between words, like my-${kind}, ` +
        `and at most ${longest} characters, but is "${name}".`,
    );
  }
  const words = name.split('-').map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`);
  const type = words.join('');
  return { name, type, identifier: `${type.slice(0, 1).toLowerCase()}${type.slice(1)}` };
}

export const article = (kind: NewKind): string => (kind === 'defense' ? 'a defense' : `an ${kind}`);

const reserved = new Set(
  (
    'arguments as async await boolean break case catch class const continue debugger default delete do else enum eval export extends ' +
    'false finally for from function get if implements import in instanceof interface let new null of package private protected ' +
    'public return set static super switch this throw true try type typeof undefined var void while with yield'
  ).split(' '),
);

/**
 * @param code What the identifier is going to stand in, without it.
 * @throws UsageError where it already has a meaning there.
 */
export function requireFreeIdentifier({ name, identifier }: Names, code: readonly string[]): void {
  const isTaken = reserved.has(identifier) || code.some((text) => identifiersIn(text).has(identifier));
  if (!isTaken) return;
  throw new UsageError(
    `the name "${name}" would be the identifier ${identifier}, which TypeScript, the skeleton or the catalogue uses already. ` +
      `Choose a longer name, such as my-${name}.`,
  );
}

/** Outside of comments and texts. */
function identifiersIn(text: string): ReadonlySet<string> {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'[^'\n]*'|`[^`]*`/g, ' ');
  return new Set(code.match(/[A-Za-z_]\w*/g));
}
