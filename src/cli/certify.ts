/** `cutlayer certify`: how far inputs may move before a prediction under noise could change. */

import {
  argmaxBounds,
  type Certificate,
  type CertifiedNoise,
  certifiedAccuracy,
  certify,
  scoreBounds,
} from '../accounting/index.ts';
import { counted } from '../arrays/counted.ts';
import { normNames } from '../models/norm-names.ts';
import { asUsageError, numberList } from './as-usage-error.ts';
import { type NoiseArguments, noiseOf, withNoiseOptions } from './certify-noise.ts';
import type { ExampleVotes } from './certify-votes.ts';
import type { CommandBody } from './commands.ts';
import { print } from './output.ts';
import { UsageError } from './usage-error.ts';

interface Request {
  readonly noise: CertifiedNoise;
  readonly eta: number;
}

function certificateOf(votes: ExampleVotes, { noise, eta }: Request): Certificate {
  if ('draws' in votes) return certify(scoreBounds({ ...votes, eta }), noise);
  const { counts, selection } = votes;
  return certify(argmaxBounds({ counts, eta, ...(selection && { selection }) }), noise);
}

const digits = (value: number) => String(Number(value.toPrecision(4)));

const READING =
  'It is about the label of one input under small changes, with fresh noise at every evaluation and Δ a true bound: ' +
  'no statement about the privacy of the input or of the training data.';

function sentences({ radii, ...certificate }: Certificate, eta: number): string[] {
  const { predicted, topAtLeast, othersAtMost, abstains, norm, radius } = certificate;
  const bounds = `class ${predicted} has probability at least ${digits(topAtLeast)}, every other at most ${digits(othersAtMost)}`;
  if (abstains) return [`Abstains: ${bounds}, which certifies nothing. More draws may help.`, READING];
  const classic = radii.classic === null ? '' : `, ${digits(radii.classic)} with the classic calibration`;
  return [
    `Certified radius ${digits(radius)} in ${normNames[norm]}, with probability ${1 - eta}: ${bounds}.`,
    `By PixelDP's condition ${digits(radii.pixeldp)}${classic}.`,
    READING,
  ];
}

function answerOne(votes: ExampleVotes, request: Request, json: boolean): void {
  const certificate = asUsageError(() => certificateOf(votes, request), {
    ...votes,
    ...request.noise,
    eta: request.eta,
  });
  print(json, { ...certificate, eta: request.eta, ...request.noise }, sentences(certificate, request.eta));
}

function answerMany(
  all: readonly ExampleVotes[],
  request: Request,
  { radii, json }: { radii: number[]; json: boolean },
) {
  const certificates = all.map((votes, index) => certificateAt(votes, index, request));
  const labelled = certificates.flatMap((certificate, index) => {
    const label = all[index]?.label;
    return label === undefined ? [] : [{ certificate, label }];
  });
  if (labelled.length > 0 && labelled.length < all.length) {
    throw new UsageError(`either all entries must have a label or none, but ${labelled.length} of ${all.length} have.`);
  }
  const accuracy =
    labelled.length === 0 ? [] : radii.map((radius) => ({ radius, accuracy: certifiedAccuracy(labelled, radius) }));
  const answer = { ...request.noise, eta: request.eta, certificates, certifiedAccuracy: accuracy };
  print(json, answer, [...summary(certificates), ...accuracy.map(accuracyLine), READING]);
}

function certificateAt(votes: ExampleVotes, index: number, request: Request): Certificate {
  try {
    return certificateOf(votes, request);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(`entry ${index}: ${error.message}`) : error;
  }
}

function summary(certificates: readonly Certificate[]): string[] {
  const radii = certificates.map(({ radius }) => radius).sort((a, b) => a - b);
  const abstaining = certificates.filter(({ abstains }) => abstains).length;
  return [
    `${counted(certificates.length, 'prediction')}, ${abstaining} abstained; median certified radius ${digits(radii[radii.length >> 1] ?? 0)}.`,
  ];
}

function accuracyLine({ radius, accuracy }: { readonly radius: number; readonly accuracy: number }): string {
  return `Certified accuracy at radius ${radius}: ${digits(accuracy)}`;
}

export const certifyCommand: CommandBody = {
  builder: (yargs) =>
    withNoiseOptions(yargs)
      .option('counts', { type: 'string', requiresArg: true, describe: 'how often each class won: 1950,30,20' })
      .option('selection', {
        type: 'string',
        requiresArg: true,
        describe: 'votes of other draws that choose the class',
      })
      .option('file', { type: 'string', requiresArg: true, describe: 'JSON list of {counts, selection?, label?}' })
      .option('radii', {
        type: 'string',
        default: '0,0.05,0.1,0.2,0.5',
        describe: 'with --file: for certified accuracy',
      })
      .option('eta', { type: 'number', default: 0.05, describe: 'probability of a wrong certificate' })
      .option('json', { type: 'boolean', default: false, describe: 'one JSON document on stdout' })
      // An example of yargs would be wrapped in mid-command.
      .epilogue('A radius in L2:\n  $0 certify --counts 1950,30,20 --epsilon 1 --distance 0.1'),
  handler: async (given) => {
    const { counts, selection, file, radii, eta, json, ...noise } = given as unknown as CertifyArguments;
    const request = { noise: noiseOf(noise), eta };
    if ((counts === undefined) === (file === undefined)) {
      throw new UsageError(
        `certify needs either --counts or --file, but ${counts ? 'both were' : 'neither was'} given.`,
      );
    }
    if (counts !== undefined) {
      const chosen = selection === undefined ? {} : { selection: numberList('--selection', selection) };
      answerOne({ counts: numberList('--counts', counts), ...chosen }, request, json);
      return;
    }
    const { readVotes } = await import('./certify-votes.ts');
    answerMany(readVotes(file ?? ''), request, { radii: numberList('--radii', radii), json });
  },
};

interface CertifyArguments extends NoiseArguments {
  readonly counts?: string;
  readonly selection?: string;
  readonly file?: string;
  readonly radii: string;
  readonly eta: number;
  readonly json: boolean;
}
