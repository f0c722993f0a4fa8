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
 * Here it collects the young results alone, often, on that thread. Measured on Node.js 20 to 24; later versions collect the whole heap whatever
 * they are told, and a version that does not know an option does not start.
 */
function collection(): string[] {
  const [major] = process.versions.node.split('.').map(Number);
  if (major > 24) return [];
  const youngFirst = major === 24 ? ['--scavenger-max-new-space-capacity-mb=4'] : []; // which waits for 64 MB without it
  return ['--single-threaded-gc', '--no-incremental-marking', '--max-semi-space-size=4', ...youngFirst];
}

/** Freed memory is kept, up to 64 MB, and not handed back to the system to get it again page by page. */
const kept = { MALLOC_MMAP_THRESHOLD_: String(2 ** 25), MALLOC_TRIM_THRESHOLD_: String(2 ** 26) };

/** For a child of this process; what it was started with itself has the last word. Other libraries than glibc know nothing of the variables. */
export function computingProcess({ env, execArgv }: Readonly<ProcessSettings> = process): ProcessSettings {
  const asked = (env['NODE_OPTIONS'] ?? '').replaceAll('_', '-'); // which Node.js reads before the command line
  const own = collection().filter((option) => !asked.includes(option.split('=')[0]));
  return { env: { ...kept, ...env }, execArgv: [...own, ...withoutCode(execArgv)] };
}

/** A child has a module to run: the code that this process was given is not for it. */
function withoutCode(execArgv: readonly string[]): string[] {
  const at = execArgv.findIndex((option) => /^(-e|-p|-pe|--eval|--print)$/.test(option));
  return at < 0 ? [...execArgv] : execArgv.toSpliced(at, 2);
}
