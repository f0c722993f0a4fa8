/** The third phase: an attack is handed the view that its threat model names, what it knows besides, and nothing else. */

import type {
  AttackOnView,
  Knowledge,
  Observation,
  Reconstruction,
  Secrets,
  ViewName,
} from '../../contracts/attack.ts';
import { firstExamples } from '../../data/subset.ts';
import type { Setup } from '../setup.ts';
import { clipNormAt, type Victim, weightsAt } from './victim.ts';

export interface AttackInputs {
  readonly planned: Setup['attacks'][number];
  readonly victim: Victim;
  readonly observations: readonly Observation<ViewName>[];
  readonly progress: (share: number) => void;
}

export interface AttackOutcome {
  readonly reconstructions: readonly Reconstruction[];
  /** What it took where it was run. */
  readonly seconds: number;
}

export async function runAttack(setup: Setup, inputs: AttackInputs): Promise<AttackOutcome> {
  const { planned, observations, progress } = inputs;
  const attack = planned.attack as AttackOnView<ViewName>;
  const tools = { rng: setup.rng.fork(`attack/${planned.config.name}`), progress };
  const start = performance.now();
  const reconstructions = await attack.run(observations, knowledgeOf(setup, inputs), tools);
  return { reconstructions, seconds: (performance.now() - start) / 1000 };
}

/** What is public, and of the secrets those that the threat model names: nothing else is handed over. */
function knowledgeOf(
  { model, cut, gradientRule, config, auxiliary }: Setup,
  { planned, victim, observations }: AttackInputs,
): Knowledge<keyof Secrets> {
  const { threatModel, probe } = planned.attack as AttackOnView<ViewName>;
  const global = weightsAt(victim, probe.round);
  const clipNorm = clipNormAt(victim, probe.round);
  const secrets: Secrets = {
    clientParams: global.client.params,
    serverParams: global.server.params,
    auxiliary: probe.auxiliary > 0 ? firstExamples(auxiliary, probe.auxiliary) : auxiliary,
  };
  const known = Object.fromEntries(threatModel.knows.map((name) => [name, secrets[name]]));
  const normaliser = gradientRule ? config.trainer.batchSize : (observations[0]?.batchSize ?? 1);
  const rule = gradientRule && clipNorm !== undefined ? { ...gradientRule, clipNorm } : gradientRule;
  return { model, cut, gradientRule: rule, normaliser, ...(known as unknown as Secrets) };
}
