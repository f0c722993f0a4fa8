/** Folders of results with figures that a test chooses, written by what writes those of real runs. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MetricName, PluginConfig, RunConfig, RunResult } from '../../../contracts/experiment.ts';
import { jsonText } from '../../results/files.ts';
import { writeConfiguration, writeTables } from '../../results/write.ts';
import { madeAttack, madeConfig } from '../../testing/made-config.ts';

/** One configuration; figures are those of seeds 1, 2, … */
export interface MadeConfiguration {
  readonly defenses: readonly PluginConfig[];
  readonly attacks?: RunConfig['attacks'];
  /** Test accuracies; undefined for a seed that is planned, but not finished. */
  readonly accuracy: readonly (number | undefined)[];
  /** Of each attack. */
  readonly leakage?: Readonly<Partial<Record<MetricName, readonly number[]>>>;
  readonly control?: number;
  /** Of each attack. */
  readonly paths?: RunResult['attacks'][number]['paths'];
  /** Of each seed. */
  readonly confusion?: RunResult['confusion'];
  /** Of the activation channel, after the second of two rounds. */
  readonly epsilon?: number;
}

export const noise = (epsilon: number): PluginConfig => ({ name: 'pixeldp', epsilon });

/** Three seeds; the noise costs accuracy, and takes from the attack what no test could overlook, but 1 and 2 look alike. */
export const threeDefenses: readonly MadeConfiguration[] = [
  { defenses: [], accuracy: [0.9, 0.91, 0.92], leakage: { psnr: [20, 21, 22.5], mse: [0.01, 0.011, 0.013] } },
  {
    defenses: [noise(2)],
    accuracy: [0.8, 0.811, 0.819],
    leakage: { psnr: [15, 16.1, 17.4], mse: [0.03, 0.031, 0.0331] },
    epsilon: 4,
  },
  {
    defenses: [noise(1)],
    accuracy: [0.7, 0.712, 0.719],
    leakage: { psnr: [14.9, 16.2, 17.3], mse: [0.0301, 0.0309, 0.0332] },
    epsilon: 2,
  },
];

export function madeResults(configurations: readonly MadeConfiguration[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'results-'));
  const runs = configurations.flatMap((made) => made.accuracy.map((_, index) => configOf(made, index)));
  const results = configurations.flatMap((made) =>
    made.accuracy.flatMap((accuracy, index) => (accuracy === undefined ? [] : [resultOf(made, index, accuracy)])),
  );
  writeConfiguration(folder, runs);
  writeTables(folder, results);
  const provenance = { argv: ['run', 'made up.yaml'], cutlayer: '9.9.9', git: { commit: 'abc123', isDirty: false } };
  writeFileSync(join(folder, 'provenance.json'), jsonText({ written: new Date().toISOString(), ...provenance }));
  return folder;
}

const configOf = ({ defenses, attacks = [madeAttack] }: MadeConfiguration, index: number): RunConfig => ({
  ...madeConfig,
  ...{ defenses, attacks, seed: index + 1 },
});

const infinite = Number.POSITIVE_INFINITY;

function resultOf(made: MadeConfiguration, index: number, accuracy: number): RunResult {
  const config = configOf(made, index);
  const { leakage = {}, control = 0.05, epsilon = infinite } = made;
  const round = { trainLoss: 1, testLoss: 1, epsilonWeights: infinite, bytesUp: 1, bytesDown: 1 };
  const metrics = Object.entries(leakage) as [MetricName, readonly number[]][];
  const scores = metrics.map(([metric, values]) => ({ metric, leakage: values[index] as number, control }));
  return {
    config,
    engine: 'onnx',
    noiseSource: 'none',
    cut: 3,
    rounds: [
      { ...round, round: 1, testAccuracy: accuracy / 2, epsilonActivation: epsilon / 2 },
      { ...round, round: 2, testAccuracy: accuracy, epsilonActivation: epsilon },
    ],
    testAccuracy: accuracy,
    confusion: made.confusion,
    epsilonActivation: epsilon,
    epsilonActivationRelease: epsilon,
    epsilonWeights: infinite,
    epsilonWeightsConditional: infinite,
    epsilonLabel: infinite,
    epsilonJoint: infinite,
    readings: [],
    bytesUp: 2,
    bytesDown: 2,
    attacks: config.attacks.map((attack) => ({
      attack,
      scores,
      paths: made.paths ?? [],
      seconds: 1,
      gallery: { shape: [1, 1, 1], originals: [], reconstructions: [] },
    })),
    audits: [],
    dataFiles: [],
    timings: [],
  };
}
