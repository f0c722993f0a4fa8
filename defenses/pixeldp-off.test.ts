/** A noise layer that is switched off leaves no trace in training: not a bit of what is sent, measured or learned. */

import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import type { GradientRule } from '../src/contracts/defense.ts';
import type { TrainerName } from '../src/contracts/experiment.ts';
import type { Message } from '../src/contracts/message.ts';
import type { Layer, Model } from '../src/contracts/model.ts';
import type { OptionValues } from '../src/contracts/options.ts';
import { dropout } from '../src/models/layers/index.ts';
import { type SmallTask, smallModel, smallTask } from '../src/training/testing/small-task.ts';
import { type RoundSummary, train } from '../src/training/train.ts';
import { pixeldp } from './pixeldp.ts';

const off = { epsilon: Number.POSITIVE_INFINITY };

function defended(plain: Model, given: OptionValues): Model {
  const defaults = Object.fromEntries(Object.entries(pixeldp.options).map(([name, option]) => [name, option.default]));
  const site = { cut: 2, inputShape: plain.inputShape, batchSize: 8, clients: [], delta: 1e-5 };
  return { ...plain, layers: pixeldp.create({ ...defaults, ...given }, site).protectLayers?.(plain.layers) ?? [] };
}

/** Every message, every figure of every round, and the trained weights. */
async function everything(options: SmallTask) {
  const [messages, rounds]: [Message[], RoundSummary[]] = [[], []];
  const global = await train(smallTask({ ...options, config: { rounds: 2 } }), {
    onMessage: (message) => messages.push(message),
    afterRound: (summary) => rounds.push(summary),
  });
  return { messages, rounds, global };
}

/** A deep equality of chai would print a whole training where it fails. */
async function expectUndefended(options: SmallTask, given: OptionValues): Promise<void> {
  const { model = smallModel() } = options;
  const undefended = await everything({ ...options, model });
  const switchedOff = await everything({ ...options, model: defended(model, given) });
  for (const part of ['messages', 'rounds', 'global'] as const) {
    expect(isDeepStrictEqual(switchedOff[part], undefended[part]), part).to.equal(true);
  }
}

describe('pixeldp with epsilon .inf is no defense, bit for bit', () => {
  for (const trainer of ['centralized', 'federated', 'split', 'splitfed-v1', 'splitfed-v2'] as const) {
    it(`under ${trainer}`, () => expectUndefended({ trainer }, off));
  }

  const trainer: TrainerName = 'splitfed-v1';
  const bounds = ['orthonormal', 'bound', 'clip'].map((sensitivity) => ({ sensitivity }));
  for (const given of [{ noise: 'gaussian' }, { layer: 2 }, ...bounds]) {
    it(`with ${JSON.stringify(given)}`, () => expectUndefended({ trainer }, { ...off, ...given }));
  }

  it('where messages are really sent', () => expectUndefended({ trainer, mode: 'messages' }, off));

  it('before dropout, whose draws it does not shift', () => {
    const [first, ...others] = smallModel().layers as [Layer, ...Layer[]];
    const model = { ...smallModel(), layers: [first, dropout({ rate: 0.5 }), ...others] };
    return expectUndefended({ trainer, model }, off);
  });

  it('beside dp-sgd, whose noise and clipping it leaves as they are', () => {
    const gradientRule: GradientRule = { clipNorm: 0.1, noiseMultiplier: 1 };
    return expectUndefended({ trainer, gradientRule }, off);
  });
});
