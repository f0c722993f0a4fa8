/**
 * How processes that compute are started. Every result of a graph is new memory, soon free again, which the defaults of Node.js and glibc
 * do not expect: docs/performance.md has what these settings give.
 */

/** As `fork` takes them. */
export interface ProcessSettings {
  readonly env: NodeJS.ProcessEnv;
  readonly execArgv: string[];
}

/**
 * V8 counts results as its own memory: it collected the whole heap ten times a second for them, on threads beside the one that computes.
 * Here it collects the young results alone, often, on that thread.
 */
const collection = ['--single-threaded-gc', '--no-incremental-marking', '--max-semi-space-size=4', ...youngFirst()];

/** Node.js 24 without it does not think of the young ones before there are 64 MB. Other versions start with no option that they do not know. */
function youngFirst(): string[] {
  return process.versions.v8.startsWith('13.') ? ['--scavenger-max-new-space-capacity-mb=4'] : [];
}

/** Freed memory is kept, up to 64 MB, and not handed back to the system to get it again page by page. */
const kept = { MALLOC_MMAP_THRESHOLD_: String(2 ** 25), MALLOC_TRIM_THRESHOLD_: String(2 ** 26) };

/** For a child of this process; what it was started with itself has the last word. Other libraries than glibc know nothing of the variables. */
export function computingProcess({ env, execArgv }: Readonly<ProcessSettings> = process): ProcessSettings {
  return { env: { ...kept, ...env }, execArgv: [...collection, ...execArgv] };
}
