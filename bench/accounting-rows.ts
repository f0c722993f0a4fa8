/** `bench accounting`: the accountants beside dp_accounting, as rows like those of the others. */

import type { BenchmarkEntry } from './bench.ts';

export const accounting: BenchmarkEntry = {
  name: 'accounting',
  summary: "the accountants over the reference table, beside Google's dp_accounting",
  onRequest: true,
  run: async ({ onRow }) => {
    const { measureAccounting } = await import('./accounting.ts');
    for (const { name, oursMs, peerMs, peer } of measureAccounting({ withPeer: true })) {
      const ratio = peerMs === null ? null : oursMs / peerMs;
      const row = { name: `accounting-${name}`, oursMs, peerMs, ratio, threads: 1, peer: 'dp_accounting' };
      onRow({
        ...row,
        peerVersion: peerMs === null ? null : peer,
        ...(peerMs === null && { reason: 'it does not do this' }),
      });
    }
  },
};
