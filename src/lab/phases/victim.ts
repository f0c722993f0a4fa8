/** The first phase of a run: the victim is trained, and its weights are kept at the moments that attacks ask for. */

import type { Dataset } from '../../contracts/dataset.ts';
import type { RunProgress } from '../../contracts/experiment.ts';
import { randomizeLabels } from '../../data/labels.ts';
import { type GlobalWeights, type RoundSummary, train } from '../../training/train.ts';
import type { Setup } from '../setup.ts';
import { sha256 } from '../sha256.ts';
import { toDocument } from './document.ts';
import type { MessageRecorder } from './messages.ts';
import { toSafetensors } from './safetensors.ts';

/** The start of a round, 1 being the first, or the end of training. */
export type Moment = number | 'end';

export interface Victim {
  /** Of all training examples as clients sent them, where a defense randomizes them. Drawn once: to draw them again is another release. */
  readonly sentLabels?: Int32Array;
  readonly rounds: readonly RoundSummary[];
  readonly weights: Readonly<Record<Moment, GlobalWeights>>;
}

export interface VictimOptions {
  /** When its weights are kept. */
  readonly moments: readonly Moment[];
  readonly progress?: RunProgress | undefined;
  /** Hears the messages. */
  readonly recorder?: MessageRecorder | undefined;
}

/** Throws where training diverges. The end is always among the moments. */
export async function trainVictim(setup: Setup, { moments, progress, recorder }: VictimOptions): Promise<Victim> {
  const { rounds: planned } = setup.config.trainer;
  const rounds: RoundSummary[] = [];
  const weights: Record<number, GlobalWeights> = {};
  const randomized = randomizedLabels(setup);
  const end = await train(
    { ...setup, data: { ...setup.data, train: sentExamples(setup, randomized) }, trainer: setup.config.trainer },
    {
      beforeRound: async (round, global) => {
        recorder?.beginRound(round);
        if (moments.includes(round)) weights[round] = global;
      },
      afterRound: (summary) => {
        rounds.push(summary);
        progress?.('train', summary.round / planned);
      },
      onMessage: (message) => recorder?.hear(message),
    },
  );
  return { ...randomized, rounds, weights: { ...weights, end } };
}

function randomizedLabels({ data, labelRule, noiseRng }: Setup): Pick<Victim, 'sentLabels'> {
  if (!labelRule) return {};
  return { sentLabels: Int32Array.from(randomizeLabels(data.train, labelRule, noiseRng.fork('labels')).labels) };
}

/** The training examples with the labels that clients used. */
export function sentExamples({ data }: Pick<Setup, 'data'>, { sentLabels }: Pick<Victim, 'sentLabels'>): Dataset {
  return sentLabels ? { ...data.train, labels: Uint8Array.from(sentLabels) } : data.train;
}

/** The first 16 hexadecimal digits of the SHA-256 of its weights. */
export function victimIdOf({ weights }: Victim): string {
  return sha256(toSafetensors(toDocument(weights).arrays)).slice(0, 16);
}

/** @throws Error where the training had fewer rounds. */
export function weightsAt({ weights }: Victim, moment: Moment): GlobalWeights {
  const global = weights[moment];
  if (!global) throw new Error(`an attack asks for round ${moment}, which was not reached.`);
  return global;
}

/** The clipping norm of client 0, whose examples the victims are, where it adapts; undefined where it does not, and at the start. */
export function clipNormAt({ rounds }: Victim, moment: Moment): number | undefined {
  const before = moment === 'end' ? rounds.at(-1) : rounds[moment - 2];
  return before?.clipNorms[0];
}
