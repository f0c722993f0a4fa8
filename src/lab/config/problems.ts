/** What is wrong with a configuration: all of it at once, each with the place. */

/** Keys and indices from the top of the configuration: `['attacks', 0, 'victims']`. */
export type ConfigPath = readonly (string | number)[];

export interface Problem {
  readonly path: ConfigPath;
  /** Other values that it depends on: where one of them was changed (`--set`, grid), that may be the mistake. */
  readonly related?: readonly ConfigPath[] | undefined;
  /** What was given, what is allowed, what to do; reads on after the path. */
  readonly message: string;
}

/** A configuration that cannot be run. Its message lists every problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(describeProblem).join('\n'), options);
    this.problems = problems;
  }
}

export function describeProblem({ path, message }: Problem): string {
  return path.length === 0 ? message : `${pathText(path)}: ${message}`;
}

export function pathText(path: ConfigPath): string {
  return path.join('.');
}

/** Whether `path` is at or below `outer`. Indices may be written as texts. */
export function liesWithin(path: ConfigPath, outer: ConfigPath): boolean {
  return outer.every((step, index) => String(step) === String(path[index]));
}

/** Collects what goes wrong at one place after the other, so that all of it can be said at once. */
export interface Checklist {
  /** What `make` gives; `undefined` where it threw, which is noted. For `related` see `Problem`. */
  attempt<T>(path: ConfigPath, make: () => T, related?: readonly ConfigPath[]): T | undefined;
  /** @throws ConfigError where anything was noted. */
  requireClean(): void;
}

export function checklist(): Checklist {
  const problems: Problem[] = [];
  const causes: Error[] = [];
  return {
    attempt(path, make, related) {
      try {
        return make();
      } catch (error) {
        if (!isRefusal(error)) throw error;
        problems.push({ path, related, message: error.message });
        causes.push(error);
        return undefined;
      }
    },
    requireClean() {
      const [cause] = causes;
      if (problems.length > 0) throw new ConfigError(problems, { cause });
    },
  };
}

/** What a catalogue's entry throws where it is asked for something impossible; anything else is a defect of ours. */
function isRefusal(error: unknown): error is Error {
  return error instanceof RangeError || (error instanceof Error && refusals.has(error.name));
}

const refusals = new Set(['ShapeError', 'UnsupportedEventError']);
