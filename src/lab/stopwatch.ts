/** Seconds and peak memory of each phase of a run. */

export interface Timing {
  readonly phase: string;
  readonly seconds: number;
  /** Largest resident set of the process up to the end of the phase. */
  readonly peakRssMb: number;
}

export interface Stopwatch {
  /** Not noted where the work gives nothing: another process had it in hand. */
  time<T>(phase: string, work: () => Promise<T>): Promise<T>;
  timings(): readonly Timing[];
}

export function stopwatch(): Stopwatch {
  const timings: Timing[] = [];
  return {
    async time(phase, work) {
      const start = performance.now();
      const result = await work();
      const seconds = (performance.now() - start) / 1000;
      const peakRssMb = process.resourceUsage().maxRSS / 1024;
      if (result !== undefined) timings.push({ phase, seconds, peakRssMb });
      return result;
    },
    timings: () => timings,
  };
}
