/** Which engines load, and whether their second derivatives are right. */

import { type EngineName, engineNames, useEngine } from '../../compile/engine.ts';
import { type SelfTest, testSecondDerivatives } from './second-derivatives.ts';

export interface EngineReport {
  readonly name: EngineName;
  readonly required: boolean;
  readonly ok: boolean;
  readonly versions?: Readonly<Record<string, string>>;
  readonly secondDerivatives?: SelfTest;
  /** Why it is not ok, and what to do. */
  readonly reason?: string;
}

/** One after the other, since one is active at a time. */
export async function examineEngines(threads: number): Promise<EngineReport[]> {
  const reports: EngineReport[] = [];
  for (const name of engineNames) reports.push(await examineEngine(name, threads));
  return reports;
}

async function examineEngine(name: EngineName, threads: number): Promise<EngineReport> {
  const required = name !== 'tensorflow';
  try {
    const { versions } = await useEngine(name, { threads });
    const secondDerivatives = await testSecondDerivatives();
    const report = { name, required, ok: secondDerivatives.ok, versions, secondDerivatives };
    return secondDerivatives.ok ? report : { ...report, reason: wrongDerivatives(secondDerivatives) };
  } catch (error) {
    return { name, required, ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function wrongDerivatives({ relativeError }: SelfTest): string {
  const off = `${(100 * relativeError).toPrecision(2)} %`;
  return `its second derivatives are ${off} off: gradient inversions would be wrong. Use another engine and report this.`;
}
