/** What a benchmark is: one piece of work, ours and a peer's, timed in turns. */

export const peerNames = ['pytorch', 'jax'] as const;
export type PeerName = (typeof peerNames)[number];

/** Work that both sides do. */
export interface Benchmark {
  readonly name: string;
  /** One line: what is timed. */
  readonly summary: string;
  readonly threads: number;
  /** How many iterations one timed round takes: a tenth of a second at least, for the first ones find the other side's traces in the caches. */
  readonly iterations: number;
  /** What one iteration holds of what is counted: times are divided by it. */
  readonly parts?: number;
  /** The largest ratio that is aimed at. */
  readonly targets: Readonly<Partial<Record<PeerName, number>>>;
  /** The benchmark of our own that takes the peer's place. */
  readonly beside?: string;
  prepare(): Promise<Prepared>;
}

/** Work made ready. */
export interface Prepared {
  iterate(): Promise<unknown>;
  /** Numbers of the work that the peer must get too, from the same inputs; called once, before anything else. */
  check?(): Promise<readonly number[]>;
}

/** What a side has spent on one iteration, and the most memory that its process has held. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMb: number;
}

export interface BenchmarkRow {
  readonly name: string;
  /** Milliseconds of one iteration, median over the rounds. */
  readonly oursMs: number;
  /** `null` where the peer could not run; `reason` says why. */
  readonly peerMs: number | null;
  /** oursMs ÷ peerMs, median of the rounds' ratios. */
  readonly ratio: number | null;
  readonly threads: number;
  readonly peer: string;
  readonly peerVersion: string | null;
  readonly reason?: string;
  /** The same of the processor's time. */
  readonly oursCpuMs?: number;
  readonly peerCpuMs?: number | null;
  readonly cpuRatio?: number | null;
  readonly oursPeakMb?: number;
  readonly peerPeakMb?: number | null;
  /** Milliseconds that tracing and the runtime's preparation took, once. */
  readonly buildMs?: number;
  /** The largest ratio that is aimed at with this peer. */
  readonly target?: number;
  /** The most milliseconds that are aimed at, whatever a peer takes. */
  readonly limitMs?: number;
  /** Largest relative difference of what both sides computed from the same inputs. */
  readonly difference?: number;
}

/** What can be asked for by name. */
export interface BenchmarkEntry {
  readonly name: string;
  readonly summary: string;
  /** Runs only where it is named. */
  readonly onRequest?: boolean;
  run(request: { readonly peer: PeerName; readonly onRow: (row: BenchmarkRow) => void }): Promise<void>;
}

/** @throws RangeError for a name that does not exist. */
export function oneNamed<Entry extends { readonly name: string }>(
  what: string,
  entries: readonly Entry[],
  name: string,
): Entry {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry) return entry;
  throw new RangeError(`${what} must be one of ${entries.map((one) => one.name).join(', ')}, but is "${name}".`);
}
