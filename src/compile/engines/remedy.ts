/** What to do where an engine does not load. */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { EngineName } from '../engine.ts';

/** @param here This module; tests name others. */
export function remedyFor(name: EngineName, here: string = import.meta.url): string {
  switch (name) {
    case 'onnx':
      return 'Its library comes with the package "onnxruntime-node": run "npm install".';
    case 'tensorflow':
      return tensorflowRemedy(here);
    case 'cpu':
      return 'It comes with the package "@tensorflow/tfjs": run "npm install".';
  }
}

/** From src/compile/engines in a checkout, and from dist/src/compile/engines in a package. */
const candidates = ['../../../scripts/setup-tensorflow.mjs', '../../../../scripts/setup-tensorflow.mjs'];

/** By the script's path: "npm run setup:tensorflow" is there in a checkout only, and only in its own folder. */
function tensorflowRemedy(here: string): string {
  const script = candidates.map((candidate) => fileURLToPath(new URL(candidate, here))).find(existsSync);
  if (script === undefined) return 'Install cutlayer again: its scripts/setup-tensorflow.mjs is missing.';
  return `To get its native library, run: node "${script}"`;
}
