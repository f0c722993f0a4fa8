/** `cutlayer account joint`: the noise with which everything that a client of a split trainer sends is private together. */

import type { Argv } from 'yargs';
import { jointEpsilon, jointNoise } from '../accounting/index.ts';
import { counted } from '../arrays/counted.ts';
import { shownUp } from './account-text.ts';
import { asUsageError } from './as-usage-error.ts';
import { print } from './output.ts';

interface JointRequest {
  readonly epsilon: number;
  readonly delta: number;
  readonly passes: number;
  readonly labelEpsilon: number;
  readonly gradientShare: number;
}

export function jointCommand(yargs: Argv): Argv {
  return yargs.command(
    'joint',
    'the noise of joint-dp for a target ε of all that a client sends',
    (inner) =>
      inner
        .option('epsilon', { type: 'number', demandOption: true, describe: 'target ε, labels included' })
        .option('passes', { type: 'number', demandOption: true, describe: 'rounds × local epochs' })
        .option('delta', { type: 'number', demandOption: true, describe: 'δ at which ε is stated' })
        .option('label-epsilon', { type: 'number', default: 3, describe: 'part of ε that the labels spend' })
        .option('gradient-share', { type: 'number', default: 0.3, describe: 'share of the noise budget for gradients' })
        .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' }),
    ({ json, ...request }) => answer(request, json),
  );
}

function answer(request: JointRequest, json: boolean): void {
  const noise = asUsageError(() => jointNoise(request), request);
  const epsilon = jointEpsilon({ ...noise, ...request });
  // The theorem speaks of replace-one sensitivities, twice the clipping norms; people set noise in units of the latter.
  const activationNoise = 2 * noise.activationMultiplier;
  const gradientNoise = 2 * noise.gradientMultiplier;
  const { delta, passes, labelEpsilon } = request;
  print(json, { activationNoise, gradientNoise, labelEpsilon, passes, epsilon, delta }, [
    `Noise on smashed data: ${shownUp(activationNoise)} × their clipping norm; on sums of gradients: ${shownUp(gradientNoise)} × theirs; labels: ε = ${labelEpsilon}.`,
    `Then ε ≤ ${shownUp(epsilon)} at δ = ${delta} over ${counted(passes, 'pass', 'passes')}.`,
    'Protects: which one record (image and label) was there (replace-one adjacency), against main server, fed server and other clients together, even malicious ones.',
    'Does not protect: how many records there are, new inputs at inference. docs/joint-privacy.md has the proof.',
  ]);
}
