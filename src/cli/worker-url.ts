/** The module that a run's process starts with, as source or as built. */
export function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './run-worker.ts' : './run-worker.js', import.meta.url);
}
