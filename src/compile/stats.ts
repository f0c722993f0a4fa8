/** What building compiled functions took, for benchmarks and for those who wonder. */

export interface BuildStats {
  readonly functionName: string;
  /** Running the body on symbols and encoding the graph. */
  readonly traceMs: number;
  /** ONNX Runtime's own preparation. */
  readonly sessionMs: number;
  /** Nodes that an output needs, as handed to ONNX Runtime. */
  readonly nodes: number;
  readonly modelBytes: number;
}

const builds: BuildStats[] = [];

export function recordBuild(stats: BuildStats): void {
  builds.push(stats);
}

/** Every build of the `onnx` engine in this process, in order. */
export function buildStats(): readonly BuildStats[] {
  return builds;
}
