import { expect } from 'chai';
import { parse } from 'yaml';
import type { AuditRecord, MetricScore, PluginConfig, RunConfig, RunResult } from '../../contracts/experiment.ts';
import { madeAttack as attack, madeConfig as config } from '../testing/made-config.ts';
import { csvText, roundColumns, runColumns } from './csv.ts';
import { configurationIdOf, runIdOf } from './run-id.ts';
import { confusionRows, progressRows, roundRows, runRows } from './run-rows.ts';
import { summaryColumns, summaryRows } from './summary.ts';

const noise: PluginConfig = { name: 'pixeldp', epsilon: Number.POSITIVE_INFINITY };

interface Made {
  readonly defenses?: readonly PluginConfig[];
  readonly seed?: number;
  readonly scores?: readonly MetricScore[];
  readonly audits?: readonly AuditRecord[];
  readonly accuracy?: number;
  readonly epsilon?: number;
}

function result({
  defenses = [],
  seed = 1,
  scores,
  audits = [],
  accuracy = 0.5,
  epsilon = Number.POSITIVE_INFINITY,
}: Made): RunResult {
  const round = {
    round: 1,
    trainLoss: 1,
    testLoss: 2,
    testAccuracy: 0.4,
    epsilonActivation: epsilon,
    epsilonWeights: Number.POSITIVE_INFINITY,
    bytesUp: 3,
    bytesDown: 4,
  };
  return {
    config: { ...config, defenses, seed, attacks: scores ? [attack] : [] },
    engine: 'onnx',
    noiseSource: 'none',
    cut: 3,
    rounds: [round, { ...round, round: 2 }],
    testAccuracy: accuracy,
    epsilonActivation: epsilon,
    epsilonActivationRelease: epsilon,
    epsilonWeights: Number.POSITIVE_INFINITY,
    epsilonWeightsConditional: Number.POSITIVE_INFINITY,
    epsilonLabel: Number.POSITIVE_INFINITY,
    epsilonJoint: Number.POSITIVE_INFINITY,
    weightsUnit: 'example',
    readings: [],
    bytesUp: 6,
    bytesDown: 8,
    attacks: scores
      ? [{ attack, scores, seconds: 1, gallery: { shape: [1, 1, 1], originals: [], reconstructions: [] } }]
      : [],
    audits,
    dataFiles: [],
    timings: [],
  };
}

const psnr = (leakage: number, control: number): MetricScore => ({ metric: 'psnr', leakage, control });
const mse = (leakage: number, control: number): MetricScore => ({ metric: 'mse', leakage, control });

describe('runRows', () => {
  it('has one row for each metric, and one with empty cells without attacks', () => {
    const rows = runRows([result({ scores: [psnr(20, 12), mse(0.01, 0.06)] }), result({ defenses: [noise] })]);
    expect(rows.map((row) => row['metric'])).to.deep.equal(['psnr', 'mse', undefined]);
    expect(rows[2]).to.include({ defense: 'pixeldp', attack: undefined, leakage: undefined, test_accuracy: 0.5 });
  });

  it('writes ∞ as "Infinity", options as JSON, names joined by +', () => {
    const [, line] = csvText(runColumns, runRows([result({ defenses: [noise, { name: 'dp-sgd' }] })])).split('\n');
    expect(line).to.contain(',pixeldp+dp-sgd,').and.contain(',Infinity,Infinity,Infinity,0.00001,none,6,8,onnx');
    expect(line).to.contain('"[{""epsilon"":""Infinity"",""name"":""pixeldp""},{""name"":""dp-sgd""}]"');
    expect(csvText(roundColumns, roundRows([result({})])).split('\n')).to.have.length(1 + 2 + 1);
  });

  it('leaves the training loss of a round that saw no example empty, which is not 0', () => {
    const made = result({});
    const [round] = made.rounds;
    const rows = roundRows([{ ...made, rounds: round ? [{ ...round, trainLoss: undefined }] : [] }]);
    expect(csvText(roundColumns, rows).split('\n')[1]).to.match(/,splitfed-v1,none,1,,2,0\.4,/);
  });

  it('judges the control on the undefended run of the same seed, in the direction of the metric', () => {
    const rows = runRows([
      result({ scores: [psnr(20, 12), mse(0.01, 0.06)] }),
      result({ defenses: [noise], scores: [psnr(5, 12), mse(0.3, 0.06)] }), // fails itself, but the control holds
      result({ seed: 2, scores: [psnr(11, 12), mse(0.07, 0.06)] }),
      result({ seed: 2, defenses: [noise], scores: [psnr(30, 12), mse(0.001, 0.06)] }),
      result({ seed: 3, defenses: [noise], scores: [psnr(30, 12), mse(0.001, 0.06)] }), // no undefended run
    ]);
    expect(rows.map((row) => row['control_ok'])).to.deep.equal([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
      false,
      undefined,
      undefined,
    ]);
  });

  it('shows the audit that came closest to its claim, and stands by no claim if one of them fell', () => {
    const audit = (epsilon: number, claimed: number, ok: boolean): AuditRecord => ({
      mechanism: `claims ${claimed}`,
      claimed,
      epsilon,
      delta: 0.01,
      confidence: 0.95,
      ok,
    });
    const [fine] = runRows([result({ audits: [audit(1, 4, true), audit(0.9, 2, true)] })]);
    expect(fine).to.include({ epsilon_audited: 0.9, epsilon_audit_claim: 2, audit_confidence: 0.95, claim_ok: true });
    const [broken] = runRows([result({ audits: [audit(5, 4, false), audit(0.9, 2, true)] })]);
    expect(broken).to.include({ epsilon_audited: 5, audited_mechanism: 'claims 4', claim_ok: false });
    expect(runRows([result({})])[0]).to.include({ epsilon_audited: undefined, claim_ok: undefined });
  });

  it('gives a run the same id in any order of keys, and seeds one configuration', () => {
    const shuffled = parse(JSON.stringify(Object.fromEntries(Object.entries(config).reverse()))) as RunConfig;
    expect(runIdOf(shuffled)).to.equal(runIdOf(config));
    expect(runIdOf({ ...config, seed: 2 })).not.to.equal(runIdOf(config));
    expect(configurationIdOf({ ...config, seed: 2 })).to.equal(configurationIdOf(config));
  });
});

const configsOf = (results: readonly RunResult[]) => results.map((own) => own.config);

describe('summaryRows', () => {
  it('joins seeds: mean, sd, n, interval, the largest ε, and a control only where it holds at every seed', () => {
    const results = [
      result({ scores: [psnr(20, 12)], accuracy: 0.5, epsilon: 3 }),
      result({ seed: 2, scores: [psnr(22, 13)], accuracy: 0.7, epsilon: 4 }),
      result({ defenses: [noise], scores: [psnr(5, 12)] }),
    ];
    const [row, other] = summaryRows(results, configsOf(results));
    expect(row).to.include({
      test_accuracy_n: 2,
      leakage_mean: 21,
      control_mean: 12.5,
      control_ok: true,
      epsilon_activation: 4,
    });
    expect(row?.['test_accuracy_mean']).to.be.closeTo(0.6, 1e-12);
    expect(row?.['leakage_sd']).to.be.closeTo(Math.SQRT2, 1e-12);
    expect(row?.['leakage_ci_low']).to.be.closeTo(21 - 12.7062047362 * 1, 1e-8); // t(0.975, 1) · √2 ÷ √2
    expect(other).to.include({ test_accuracy_n: 1, leakage_sd: undefined, leakage_ci_low: undefined });
    expect(csvText(summaryColumns, [row ?? {}]).split('\n')[0]).to.match(/^name,dataset,model,cut,trainer/);
  });

  it('counts the seeds that are missing, and averages the middle half beside the mean', () => {
    const results = [1, 2, 3, 4].map((seed) => result({ seed, scores: [psnr([20, 21, 22, 90][seed - 1] ?? 0, 12)] }));
    const unfinished = [5, 6].map((seed) => ({ ...config, attacks: [attack], seed }));
    const [row] = summaryRows(results, [...configsOf(results), ...unfinished]);
    expect(row).to.include({ leakage_n: 4, leakage_iqm: 21.5, seeds_missing: 2 });
    expect(row?.['leakage_bootstrap_low']).to.be.within(20, 21.5);
    expect(row?.['leakage_bootstrap_high']).to.be.within(55, 90); // two of four resampled values may be the outlier
    expect(summaryRows(results, configsOf(results))).to.deep.equal(summaryRows(results, configsOf(results)));
  });

  it('leaves the bootstrap of one seed empty, and all of it where a figure is infinite', () => {
    const one = [result({ scores: [psnr(20, 12)] })];
    expect(summaryRows(one, configsOf(one))[0]).to.include({
      leakage_iqm: 20,
      leakage_bootstrap_low: undefined,
    });
    const exact = [result({ scores: [psnr(Number.POSITIVE_INFINITY, 12)] })];
    expect(summaryRows(exact, configsOf(exact))[0]).not.to.have.property('leakage_iqm');
  });
});

describe('confusionRows and progressRows', () => {
  it('have a row for each count above 0, and for each step of each observation', () => {
    const made = {
      ...result({ scores: [] }),
      confusion: [
        [3, 0],
        [1, 2],
      ],
    };
    const counts = confusionRows([made]).map(({ label, predicted, count }) => [label, predicted, count]);
    expect(counts).to.deep.equal([
      [0, 0, 3],
      [1, 0, 1],
      [1, 1, 2],
    ]);
    const paths = [
      [{ step: 1, objective: 0.5 }],
      [],
      [
        { step: 1, objective: 0.7 },
        { step: 4, objective: 0.2 },
      ],
    ];
    const rows = progressRows([{ ...made, attacks: made.attacks.map((own) => ({ ...own, paths })) }]);
    expect(rows.map((row) => [row['attack_number'], row['observation'], row['step'], row['objective']])).to.deep.equal([
      [1, 1, 1, 0.5],
      [1, 3, 1, 0.7],
      [1, 3, 4, 0.2],
    ]);
    expect(confusionRows([result({})])).to.deep.equal([]);
  });
});
