/** Engines that can be tested here. */

import { type EngineName, useEngine } from '../engine.ts';

interface Skippable {
  skip(): void;
}

const reasons = new Map<EngineName, string | undefined>();

/** Skips the test, or the tests below a `before`, where the engine does not load; says why, once. */
export async function loadable(test: Skippable, engine: EngineName): Promise<void> {
  if (!reasons.has(engine)) {
    const reason = await reasonNotToLoad(engine);
    reasons.set(engine, reason);
    if (reason) console.log(`      skipped: ${reason.split('\n')[0]}`);
  }
  if (reasons.get(engine)) test.skip();
}

async function reasonNotToLoad(engine: EngineName): Promise<string | undefined> {
  try {
    await useEngine(engine);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
