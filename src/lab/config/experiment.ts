/** From an experiment file to its runs: every combination of the grid, each with every seed, all defaults written out. */

import type { DataSplits } from '../../contracts/dataset.ts';
import type { RunConfig } from '../../contracts/experiment.ts';
import { expectedCount } from '../../training/participation.ts';
import { type PhasedRun, viewOf } from '../phases/inputs.ts';
import { type ParameterCounts, type PhaseBytes, phaseBytes } from '../phases/sizes.ts';
import { type Setup, type SetupOptions, setUp } from '../setup.ts';
import { type Combination, combinationsOf, elementOf, excluder, fittingPart, type Grid, readGrid } from './grid.ts';
import { overridden } from './overrides.ts';
import { independentOf, parseConfiguration, resolvedConfig, type Wrong } from './parse.ts';
import { ConfigError, type ConfigPath, describeProblem, liesWithin, type Problem } from './problems.ts';
import { configurationSchema } from './schema.ts';
import { seedsOf } from './seeds.ts';
import { readSource, type Source } from './source.ts';
import { canonicalJson, type Json } from './values.ts';

export interface Experiment {
  readonly name: string;
  /** In the order of the grid, its last key fastest, then of the seeds. */
  readonly runs: readonly RunConfig[];
  /** The same runs, with the data that each was checked against. */
  readonly planned: readonly PlannedRun[];
  /** Of the data that the runs name: what a person should know, although nothing is refused. */
  readonly warnings: readonly string[];
}

/** With what its phases depend on. */
export interface PlannedRun extends PhasedRun {
  /** What its phases take on disk, where they are kept. */
  readonly bytes: PhaseBytes;
  /** Clients that take part in a round; on average where each does by chance. */
  readonly participants: number;
}

export interface LoadExperimentOptions extends SetupOptions {
  /** What stands in the file, for who has read it already. */
  readonly text?: string;
  /** `PATH=VALUE` each. */
  readonly sets?: readonly string[];
  /** In place of the file's seeds. */
  readonly seeds?: readonly number[] | undefined;
}

/**
 * Reads an experiment file and sets every run of it up once, so that mistakes are told before anything runs or is written.
 *
 * @throws ConfigError with every problem, each with file and line.
 */
export async function loadExperiment(file: string, options: LoadExperimentOptions): Promise<Experiment> {
  const source = readSource(file, options.sets, options.text);
  const asked = askedRuns(source, options);
  const { planned, warnings, problems } = await setUpOnce(source, asked.runs, options);
  const found = new Set([...asked.problems, ...problems]);
  if (found.size > 0) throw new ConfigError([...found].map((message) => ({ path: [], message })));
  const configs = planned.map(({ config }) => config);
  requireDistinct(source, configs);
  return { name: configs[0]?.name ?? source.defaultName, runs: configs, planned, warnings };
}

/** A run that makes sense by itself. */
interface AskedRun {
  readonly config: RunConfig;
  /** What it has from the grid. */
  readonly combination: Combination;
  /** What is wrong where something else stands now. */
  readonly wrong: Wrong;
}

interface AskedRuns {
  readonly runs: readonly AskedRun[];
  /** Each with its place. */
  readonly problems: readonly string[];
}

/** The points of the grid without those that are excluded, each with every seed. */
function askedRuns(source: Source, { catalogues, seeds: given }: LoadExperimentOptions): AskedRuns {
  const { base, grid } = sectionsOf(source);
  const seeds = seedsOf(source, given);
  const problems = [...seeds.problems, ...grid.problems.map((problem) => explain(source, [], problem))];
  const schema = configurationSchema(catalogues);
  const { product, include } = combinationsOf(grid);
  const excluding = excluder(grid);
  const runs = [...product, ...include].flatMap((combination, index): AskedRun[] => {
    const isExcluded = (own: Json) => index < product.length && excluding.excludes(own);
    const { fitting, problems: misfits } = fittingPart(base, combination);
    const values = overridden(base, fitting);
    if (isExcluded(values)) return [];
    const { parsed, wrong } = parseConfiguration(schema, values, catalogues);
    const resolved = parsed && resolvedConfig(parsed, catalogues);
    if (resolved && isExcluded(resolved as unknown as Json)) return [];
    for (const misfit of misfits) problems.push(explain(source, [], misfit));
    for (const problem of wrong.problems) problems.push(explain(source, fitting, problem));
    if (!resolved || misfits.length > 0) return [];
    return seeds.values.map((seed) => ({ config: { ...resolved, seed }, combination, wrong }));
  });
  for (const problem of excluding.problems()) problems.push(explain(source, [], problem));
  if (runs.length === 0 && problems.length === 0) {
    problems.push(explain(source, [], { path: ['grid', 'exclude'], message: 'leaves no run.' }));
  }
  return { runs, problems };
}

/** What only shows while a run is set up: files, examples, shapes, and whether sections fit each other. */
async function setUpOnce(source: Source, runs: readonly AskedRun[], options: LoadExperimentOptions) {
  const { splits = new Map<string, Promise<DataSplits>>() } = options;
  const counts: ParameterCounts = new Map();
  const planned: PlannedRun[] = [];
  const problems: string[] = [];
  const warnings = new Set<string>();
  for (const { config, combination, wrong } of runs) {
    const checked = await checkedSetup(config, { ...options, splits });
    if ('files' in checked) {
      const participants = expectedCount(config.trainer, checked.updateRule);
      const views = checked.attacks.map(({ attack }) => viewOf(attack));
      const bytes = phaseBytes(checked, views, counts);
      planned.push({ config, dataFiles: checked.files, views, bytes, participants });
      for (const warning of checked.warnings) warnings.add(warning);
    } else {
      const independent = independentOf(wrong, checked.problems);
      problems.push(...independent.map((problem) => explain(source, combination, problem)));
    }
  }
  return { planned, problems, warnings: [...warnings] };
}

async function checkedSetup(config: RunConfig, options: SetupOptions): Promise<Setup | ConfigError> {
  try {
    return await setUp(config, options);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

interface Sections {
  /** Everything but seeds and grid. */
  readonly base: Json;
  readonly grid: Grid;
}

function sectionsOf(source: Source): Sections {
  const { seeds: _, grid, ...rest } = source.values as Readonly<Record<string, Json>>;
  return { base: { name: source.defaultName, ...rest }, grid: readGrid(grid, source) };
}

/** `file:line: path: message`. */
function explain(source: Source, combination: Combination, problem: Problem): string {
  return `${placeOf(source, combination, problem)}: ${describeProblem(problem)}`;
}

/** Of values that do not fit each other, one that `--set` or the grid put there; otherwise the first. */
function placeOf(source: Source, combination: Combination, { path, related = [] }: Problem): string {
  const pointOf = (own: ConfigPath) => combination.findLast((candidate) => liesWithin(own, candidate.path));
  const paths = [path, ...related];
  const chosen = paths.find(source.isChanged) ?? paths.find(pointOf) ?? path;
  const point = pointOf(chosen);
  if (point) {
    const own = [...point.at, ...chosen.slice(point.path.length)];
    return `${source.locate(own)} (${elementOf(point)})`;
  }
  const part = combination.findLast((candidate) => liesWithin(candidate.path, chosen));
  return `${source.locate(chosen)}${part ? ` with ${elementOf(part)}` : ''}`;
}

function requireDistinct(source: Source, runs: readonly RunConfig[]): void {
  const texts = runs.map((run) => canonicalJson(run as unknown as Json));
  const first = new Map(texts.map((text, index) => [text, index] as const).reverse());
  const twice = texts.findIndex((text, index) => first.get(text) !== index);
  if (twice < 0) return;
  const message = `${source.locate(['grid'])}: grid asks for the same run twice (runs ${(first.get(texts[twice] as string) ?? 0) + 1} and ${twice + 1}). Remove one of the equal values.`;
  throw new ConfigError([{ path: [], message }]);
}
