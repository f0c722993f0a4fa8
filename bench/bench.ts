/** What a benchmark is: one piece of work, ours and a peer's, timed in turns. */

export interface Benchmark {
  readonly name: string;
  /** One line: what is timed. */
  readonly summary: string;
  readonly threads: number;
  /** How many iterations one timed round takes. */
  readonly iterations: number;
  /** Makes everything ready; the function it gives is one iteration. */
  prepare(): Promise<() => Promise<unknown>>;
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
}
