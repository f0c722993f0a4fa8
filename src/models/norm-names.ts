import type { Norm } from '../contracts/model.ts';

/** Norms as people write them. */
export const normNames: Readonly<Record<Norm, string>> = { l1: 'L1', l2: 'L2', linf: 'L∞' };
