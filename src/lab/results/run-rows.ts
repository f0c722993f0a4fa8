/** runs.csv, rounds.csv and timings.csv: what finished runs say, in the order of the plan. */

import type { MetricName, MetricScore, PluginConfig, RunConfig, RunResult } from '../../contracts/experiment.ts';
import { canonicalJson, type Json } from '../config/values.ts';
import { higherIsMoreLeakage } from '../scoring.ts';
import { configurationIdOf, runIdOf, undefendedIdOf } from './run-id.ts';

/** What a cell may hold; undefined is an empty one. */
export type Cell = string | number | boolean | undefined;
export type Row = Readonly<Record<string, Cell>>;

/** One row for each run, attack and metric; a run without attacks has one row with those cells empty. */
export function runRows(results: readonly RunResult[]): Row[] {
  const undefended = undefendedAmong(results);
  return results.flatMap((result) => rowsOfRun(result, undefended(result)));
}

/** The run of the same configuration and seed without defenses, which may be the run itself; undefined where there is none. */
export function undefendedAmong(results: readonly RunResult[]): (result: RunResult) => RunResult | undefined {
  const byId = new Map(results.map((result) => [runIdOf(result.config), result]));
  return ({ config }) => byId.get(undefendedIdOf(config));
}

/** @param undefended See `undefendedAmong`. */
export function rowsOfRun(result: RunResult, undefended: RunResult | undefined): Row[] {
  const attacked = result.attacks.flatMap(({ attack, scores }) =>
    scores.map((score) => ({
      ...attackCells(attack),
      ...scoreCells(score),
      control_ok: controlOk(undefended, attack, score.metric),
    })),
  );
  return (attacked.length > 0 ? attacked : [noAttack]).map((cells) => runRow(result, cells));
}

const noAttack: Row = {
  attack: undefined,
  attack_options: undefined,
  view: undefined,
  metric: undefined,
  leakage: undefined,
  control: undefined,
  control_ok: undefined,
};

function runRow(result: RunResult, attack: Row): Row {
  const { config } = result;
  const { attack: name, attack_options, view, ...score } = attack;
  return {
    run_id: runIdOf(config),
    name: config.name,
    seed: config.seed,
    ...configurationCells(config, result.cut),
    attack: name,
    attack_options,
    view,
    test_accuracy: result.testAccuracy,
    ...score,
    epsilon_activation: result.epsilonActivation,
    epsilon_weights: result.epsilonWeights,
    epsilon_label: result.epsilonLabel,
    delta: config.ledger.delta,
    noise_source: result.noiseSource,
    bytes_up: result.bytesUp,
    bytes_down: result.bytesDown,
    engine: result.engine,
    distance: config.ledger.distance,
    epsilon_activation_release: result.epsilonActivationRelease,
    epsilon_weights_conditional: result.epsilonWeightsConditional,
    epsilon_joint: result.epsilonJoint,
    ...auditCells(result.audits),
    weights_unit: result.weightsUnit,
    configuration_id: configurationIdOf(config),
  };
}

/** The audit that came closest to its claim, or furthest beyond it; `claim_ok` is of all of them. */
function auditCells(audits: RunResult['audits']): Row {
  const [closest] = [...audits].sort((a, b) => b.epsilon / b.claimed - a.epsilon / a.claimed);
  return {
    epsilon_audited: closest?.epsilon,
    epsilon_audit_claim: closest?.claimed,
    audit_delta: closest?.delta,
    audit_confidence: closest?.confidence,
    claim_ok: closest && audits.every(({ ok }) => ok),
    audited_mechanism: closest?.mechanism,
  };
}

export function configurationCells({ data, model, trainer, defenses }: RunConfig, cut: number): Row {
  return {
    dataset: data.name,
    model: model.name,
    cut,
    trainer: trainer.name,
    clients: trainer.clients,
    rounds: trainer.rounds,
    defense: defenseName(defenses),
    defense_options: canonicalJson(defenses as unknown as Json),
  };
}

/** The names joined by `+`, or `none`. */
export function defenseName(defenses: readonly PluginConfig[]): string {
  return defenses.length === 0 ? 'none' : defenses.map(({ name }) => name).join('+');
}

export function attackCells({ name, view, ...options }: RunResult['attacks'][number]['attack']): Row {
  return { attack: name, attack_options: canonicalJson(options as Json), view };
}

function scoreCells({ metric, leakage, control }: MetricScore): Row {
  return { metric, leakage, control };
}

/** Whether this attack beat guessing on the undefended run; undefined where the sweep has none. */
export function controlOk(
  undefended: RunResult | undefined,
  attack: RunResult['attacks'][number]['attack'],
  metric: MetricName,
): boolean | undefined {
  const key = canonicalJson(attack as unknown as Json);
  const own = undefended?.attacks.find((candidate) => canonicalJson(candidate.attack as unknown as Json) === key);
  const score = own?.scores.find((candidate) => candidate.metric === metric);
  return score && beatsControl(score);
}

/** A figure that is no number beats nothing. */
export function beatsControl({ metric, leakage, control }: MetricScore): boolean {
  return higherIsMoreLeakage[metric] ? leakage > control : leakage < control;
}

/** One row for each run and round. */
export function roundRows(results: readonly RunResult[]): Row[] {
  return results.flatMap(({ config, rounds }) =>
    rounds.map((round) => ({
      run_id: runIdOf(config),
      seed: config.seed,
      trainer: config.trainer.name,
      defense: defenseName(config.defenses),
      round: round.round,
      train_loss: round.trainLoss,
      test_loss: round.testLoss,
      test_accuracy: round.testAccuracy,
      epsilon_activation: round.epsilonActivation,
      epsilon_weights: round.epsilonWeights,
      bytes_up: round.bytesUp,
      bytes_down: round.bytesDown,
    })),
  );
}

/** One row for each run, label and class for which a test example of it was taken. */
export function confusionRows(results: readonly RunResult[]): Row[] {
  return results.flatMap(({ config, confusion = [] }) =>
    confusion.flatMap((counts, label) =>
      counts.flatMap((count, predicted) =>
        count > 0 ? [{ run_id: runIdOf(config), seed: config.seed, label, predicted, count }] : [],
      ),
    ),
  );
}

/** One row for each run, attack, observation and recorded step of the search. */
export function progressRows(results: readonly RunResult[]): Row[] {
  return results.flatMap(({ config, attacks }) =>
    attacks.flatMap(({ attack, paths = [] }, index) =>
      paths.flatMap((path, observation) =>
        path.map(({ step, objective }) => ({
          run_id: runIdOf(config),
          seed: config.seed,
          attack_number: index + 1,
          attack: attack.name,
          observation: observation + 1,
          step,
          objective,
        })),
      ),
    ),
  );
}

/** One row for each run and phase. */
export function timingRows(results: readonly RunResult[]): Row[] {
  return results.flatMap(({ config, timings }) =>
    timings.map(({ phase, seconds, peakRssMb }) => ({
      run_id: runIdOf(config),
      phase,
      seconds,
      peak_rss_mb: peakRssMb,
    })),
  );
}
