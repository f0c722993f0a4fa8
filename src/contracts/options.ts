/** How a plug-in describes its options: one table for validation, defaults, help and documentation. */

interface Described<T> {
  readonly description: string;
  /** Left out: the option has no default and may be absent. */
  readonly default?: T;
  /** The option that this one, where it is given, takes the place of: both together are refused. */
  readonly insteadOf?: string;
}

export interface NumberOption extends Described<number> {
  readonly type: 'number' | 'integer';
  readonly min?: number;
  readonly max?: number;
  /** The bound itself is not allowed. */
  readonly above?: number;
  readonly below?: number;
  /** `.inf` is allowed. */
  readonly infinite?: boolean;
}

/** A list, not empty; the bound is that of each number in it. */
export interface NumbersOption extends Described<readonly number[]> {
  readonly type: 'numbers';
  readonly above?: number;
}

export interface ChoiceOption extends Described<string> {
  readonly type: 'choice';
  readonly choices: readonly string[];
}

export interface BooleanOption extends Described<boolean> {
  readonly type: 'boolean';
}

export type OptionSpec = NumberOption | NumbersOption | ChoiceOption | BooleanOption;

/** Options that were checked against the table, with its defaults filled in. */
export type OptionValues = Readonly<Record<string, number | readonly number[] | string | boolean | undefined>>;

/** What every catalogue (attacks, defenses, models, optimizers, partitions) lists. */
export interface CatalogueEntry {
  /** Kebab-case, also the name of its file. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Papers with equation or algorithm. */
  readonly sources: readonly string[];
}
