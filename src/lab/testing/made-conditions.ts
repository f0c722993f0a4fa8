/** Conditions and an origin that are nobody's. */

import type { Conditions } from '../results/conditions.ts';
import type { Origin } from '../results/origin.ts';

export const madeConditions: Conditions = {
  ...{ code: 'c', engine: 'onnx', versions: { 'onnxruntime-node': '1.0.0' }, threads: 1, noise: 'seeded' },
  ...{ node: '20', cpu: 'made up' },
};

export const madeOrigin: Origin = {
  ...{
    argv: ['cutlayer', 'run', 'a.yaml'],
    cutlayer: '1.0.0',
    git: null,
    node: 'v20.0.0',
    platform: 'made up',
    jobs: 2,
  },
  cpu: { model: 'made up', count: 2, memoryMb: 1024 },
};
