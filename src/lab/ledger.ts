/** What a run may claim of each channel, from what its training did. */

import {
  type ActivationClaim,
  activationClaim,
  labelClaim,
  type PrivacyUnit,
  weightsClaim,
} from '../accounting/index.ts';
import type { Defense, GradientRule, JointClaim, UpdateRule } from '../contracts/defense.ts';
import type { RunConfig, WeightsUnit } from '../contracts/experiment.ts';
import { samplingRate } from '../training/lots.ts';
import type { Protocol } from '../training/protocol.ts';
import type { RoundSummary } from '../training/train.ts';

export interface LedgerSetup {
  readonly config: Pick<RunConfig, 'ledger' | 'trainer'>;
  readonly protocol: Protocol;
  readonly defenses: readonly Defense[];
  readonly gradientRule: GradientRule | undefined;
  readonly updateRule?: UpdateRule | undefined;
  readonly shards: readonly Int32Array[];
}

export interface Channels {
  readonly epsilonActivation: number;
  readonly epsilonActivationRelease: number;
  readonly epsilonWeights: number;
  readonly epsilonWeightsConditional: number;
  readonly weightsUnit: WeightsUnit | undefined;
  readonly epsilonLabel: number;
  /** Of all channels together, replace-one; ∞ without a joint mechanism. */
  readonly epsilonJoint: number;
  readonly readings: readonly string[];
}

/** The ledgers after a round. Figures of different channels are never added: that would need a joint proof. */
export function ledgerOf(setup: LedgerSetup, summary: Pick<RoundSummary, 'releases' | 'steps' | 'round'>): Channels {
  const { config, protocol, defenses } = setup;
  const { delta, distance } = config.ledger;
  const release = defenses.find((defense) => defense.activationRelease)?.activationRelease?.(distance);
  const activation = activationClaim({ release, isSent: protocol.hasServer, releases: summary.releases, delta });
  const joint = jointClaimOf(defenses, summary.releases, delta);
  if (joint) return jointChannels({ defenses, activation, joint });
  const runs = weightsRuns(setup, summary);
  const weights = weightsClaim({ ...runs, wholeNetwork: !protocol.hasServer, delta });
  const label = labelClaim({ sentInClear: protocol.hasServer, epsilonWeights: weights.epsilon });
  return {
    epsilonActivation: activation.epsilon,
    epsilonActivationRelease: activation.epsilonRelease,
    epsilonWeights: weights.epsilon,
    epsilonWeightsConditional: weights.conditional,
    weightsUnit: runs.clients && unitNames[runs.unit.kind],
    epsilonLabel: label.epsilon,
    epsilonJoint: Number.POSITIVE_INFINITY,
    readings: [...defenses.flatMap((defense) => defense.reading), activation.reading, weights.reading, label.reading],
  };
}

function jointClaimOf(defenses: readonly Defense[], passes: number, delta: number): JointClaim | undefined {
  return defenses.find((defense) => defense.jointClaim)?.jointClaim?.(passes, delta);
}

interface JointParts {
  readonly defenses: readonly Defense[];
  readonly activation: ActivationClaim;
  readonly joint: JointClaim;
}

/** The joint claim holds for each channel by itself; the labels' own is tighter, and so may be the activations'. */
function jointChannels({ defenses, activation, joint }: JointParts): Channels {
  const { epsilon, reading } = joint;
  const label = defenses.find((defense) => defense.labelRule)?.labelRule?.epsilon;
  return {
    epsilonActivation: Math.min(activation.epsilon, epsilon),
    epsilonActivationRelease: activation.epsilonRelease,
    epsilonWeights: epsilon,
    epsilonWeightsConditional: epsilon,
    weightsUnit: 'example',
    epsilonLabel: label ?? Number.POSITIVE_INFINITY,
    epsilonJoint: epsilon,
    readings: [...defenses.flatMap((defense) => defense.reading), reading],
  };
}

/** As results say it. */
const unitNames: Readonly<Record<PrivacyUnit['kind'], WeightsUnit>> = {
  record: 'example',
  user: 'user',
  client: 'client',
};

/** What was done to records, users or clients so far. */
function weightsRuns(setup: LedgerSetup, { round, steps }: Pick<RoundSummary, 'round' | 'steps'>) {
  const { updateRule, gradientRule, config } = setup;
  if (!updateRule) return { clients: dpSgdRuns(setup, steps), unit: unitOf(gradientRule) };
  const { noiseMultiplier } = updateRule;
  return {
    // Every round is a release to those who wait for the global model, whoever took part.
    clients: [{ samplingRate: config.trainer.participation, noiseMultiplier, steps: round }],
    unit: { kind: 'client' } as const,
  };
}

function unitOf(rule: GradientRule | undefined): PrivacyUnit {
  const records = rule?.recordsPerUser;
  return records === undefined ? { kind: 'record' } : { kind: 'user', records };
}

/** The clients that have made a step so far. */
function dpSgdRuns({ gradientRule, shards, config }: LedgerSetup, steps: readonly number[]) {
  if (!gradientRule) return undefined;
  const { batchSize } = config.trainer;
  return shards
    .map(({ length }, k) => ({
      samplingRate: samplingRate(length, batchSize),
      noiseMultiplier: gradientRule.noiseMultiplier,
      steps: steps[k] ?? 0,
    }))
    .filter((run) => run.steps > 0);
}
