/** What this process spends. */

import { readFileSync } from 'node:fs';
import type { Cost } from './bench.ts';

/** Of `count` iterations, a part of them. */
export async function costOf(iterate: () => Promise<unknown>, parts: number, count: number): Promise<Cost> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  for (let i = 0; i < count; i += 1) await iterate();
  const { user, system } = process.cpuUsage(before);
  return {
    wallMs: (performance.now() - start) / parts,
    cpuMs: (user + system) / 1000 / parts,
    peakMb: peakMegabytes(),
  };
}

/** Of this process alone: what Node.js reports can be the parent's, from before this process became its own. */
function peakMegabytes(): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kilobytes) return Number(kilobytes) / 1024;
  } catch {
    // no /proc here
  }
  return process.resourceUsage().maxRSS / 1024;
}
