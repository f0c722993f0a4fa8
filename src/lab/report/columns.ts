/** columns.md: what stands in each column of each CSV file that cutlayer writes. */

import type { confusionColumns, progressColumns, roundColumns, runColumns, timingColumns } from '../results/csv.ts';
import type { comparisonColumns } from './comparisons.ts';
import type { paretoColumns } from './trade-off.ts';

interface Meaning {
  /** Empty for names, counts and bare numbers. */
  readonly unit: string;
  readonly meaning: string;
}

type Meanings<Columns extends readonly string[]> = Readonly<Record<Columns[number], Meaning>>;

const of = (meaning: string, unit = ''): Meaning => ({ unit, meaning });

const asked = {
  dataset: of('data set'),
  model: of('model'),
  cut: of('number of layers on the client; all of them for centralized and federated', 'layers'),
  trainer: of('how it was trained'),
  clients: of('number of clients'),
  rounds: of('number of rounds asked for', 'rounds'),
  defense: of('names of the defenses joined by `+`, or `none`'),
  defense_options: of('the defenses with all their options, as JSON'),
  attack: of('name of the attack; empty without one'),
  attack_options: of('its options, as JSON'),
  view: of('what the attacker is given: `server`, `main-server`, `fed-server`, `servers`, `client` or `released`'),
};

const experimentName = of('name of the experiment');
const configurationId = of('12 hexadecimal digits of the SHA-256 of the configuration without its seed');
const runId = of('12 hexadecimal digits of the SHA-256 of the configuration with its seed');
const seed = of('seed of the run');
const delta = of('δ at which each finite ε is stated');
const engine = of('what computed');
const metric = of('metric of the leakage: `psnr` (dB), `ssim`, `mse`, `label_accuracy`, `distance_correlation`');
const epsilon = {
  epsilon_activation: of(
    'metric privacy of the activation channel for one record at input distance `ledger.distance`; `Infinity` where nothing is proven',
  ),
  epsilon_weights: of(
    'of the weights channel, one more example, user or client, largest over clients; `Infinity` where nothing is proven',
  ),
  epsilon_label: of('of the label channel; `Infinity` where labels are sent in clear'),
};
const epsilonJoint = of(
  'of all that a client sends about a record, against all servers together; `Infinity` without such a claim',
);

export const runMeanings: Meanings<typeof runColumns> = {
  run_id: runId,
  name: experimentName,
  seed,
  ...asked,
  test_accuracy: of('share of test examples classified rightly after the last round', 'share'),
  metric,
  leakage: of('what the attack got, in the metric; mean over its victims', 'of the metric'),
  control: of('what guessing scores on the same victims', 'of the metric'),
  control_ok: of(
    'whether the attack beat guessing on the undefended model of the same seed; empty where there is none',
  ),
  ...epsilon,
  delta,
  noise_source: of('randomness of the privacy noise: `none`, `seeded` or `secure`'),
  bytes_up: of('payload of all messages from clients in the training', 'bytes'),
  bytes_down: of('payload of all messages to clients in the training', 'bytes'),
  engine,
  distance: of('distance of two inputs at which `epsilon_activation` is stated', 'norm of the mechanism'),
  epsilon_activation_release: of('`epsilon_activation` of a single release'),
  epsilon_weights_conditional: of('`epsilon_weights` if the server part did not depend on the record'),
  epsilon_joint: epsilonJoint,
  epsilon_audited: of('ε that an audit proved of one release, with `audit_confidence`: a lower bound'),
  epsilon_audit_claim: of('ε that is claimed of that release'),
  audit_delta: of('δ of the audit'),
  audit_confidence: of('1 − probability of a false alarm', 'share'),
  claim_ok: of('whether every audited claim stands'),
  audited_mechanism: of('mechanism whose audit is shown: the one that came closest to its claim'),
  weights_unit: of('of what `epsilon_weights` is: `example`, `user` or `client`; empty without a mechanism'),
  configuration_id: configurationId,
};

export const roundMeanings: Meanings<typeof roundColumns> = {
  run_id: runId,
  seed,
  trainer: asked.trainer,
  defense: asked.defense,
  round: of('round, from 1', 'rounds'),
  train_loss: of('mean loss over the training batches of the round; empty where it saw no example', 'nats'),
  test_loss: of('mean loss on the test set after the round', 'nats'),
  test_accuracy: of('share of test examples classified rightly after the round', 'share'),
  epsilon_activation: of('of the training up to and including the round; otherwise as in runs.csv'),
  epsilon_weights: of('of the training up to and including the round; otherwise as in runs.csv'),
  bytes_up: of('payload of the messages from clients in the round', 'bytes'),
  bytes_down: of('payload of the messages to clients in the round', 'bytes'),
};

export const confusionMeanings: Meanings<typeof confusionColumns> = {
  run_id: runId,
  seed,
  label: of('label of test examples, from 0'),
  predicted: of('class for which they were taken after the last round'),
  count: of('how many', 'examples'),
};

export const progressMeanings: Meanings<typeof progressColumns> = {
  run_id: runId,
  seed,
  attack_number: of('which attack of the run, from 1, as in the names of pictures'),
  attack: of('name of the attack'),
  observation: of('which observation was searched for, from 1; for a decoder of all of them, 1'),
  step: of('step of the search, from 1; at most 40 of them, and as many of what polishes; epochs of a decoder'),
  objective: of('what the attack minimizes, of the start that it chose'),
};

export const timingMeanings: Meanings<typeof timingColumns> = {
  run_id: runId,
  phase: of('part of the run'),
  seconds: of('time that it took', 's'),
  peak_rss_mb: of('most memory that the process held up to the end of the phase', 'MB'),
};

const interval = (figure: string, what: string, unit: string) => ({
  [`${figure}_mean`]: of(`mean of ${what} over seeds`, unit),
  [`${figure}_sd`]: of('sample standard deviation over seeds; empty for one', unit),
  [`${figure}_n`]: of('number of seeds', 'seeds'),
  [`${figure}_ci_low`]: of(
    'lower end of the 95 % t interval, mean − t(0.975, n − 1) · sd ÷ √n; empty for one seed',
    unit,
  ),
  [`${figure}_ci_high`]: of('upper end of it', unit),
});

export const summaryMeanings: Readonly<Record<string, Meaning>> = {
  name: experimentName,
  ...asked,
  metric,
  ...interval('test_accuracy', 'the test accuracy', 'share'),
  ...interval('leakage', 'the leakage', 'of the metric'),
  control_mean: of('mean of what guessing scores', 'of the metric'),
  control_ok: of('whether the control holds at every seed; empty where a seed has no undefended run'),
  epsilon_activation: of('the largest over seeds; otherwise as in runs.csv'),
  epsilon_weights: of('the largest over seeds; otherwise as in runs.csv'),
  epsilon_label: of('the largest over seeds; otherwise as in runs.csv'),
  delta,
  engine,
  epsilon_joint: of('the largest over seeds; otherwise as in runs.csv'),
  configuration_id: configurationId,
  leakage_iqm: of('interquartile mean of the leakage: mean of the middle half of the seeds', 'of the metric'),
  leakage_bootstrap_low: of(
    'lower end of the 95 % percentile bootstrap interval of `leakage_iqm`; empty for one seed',
    'of the metric',
  ),
  leakage_bootstrap_high: of('upper end of it', 'of the metric'),
  seeds_missing: of('number of planned seeds that are not finished', 'seeds'),
};

export const comparisonMeanings: Meanings<typeof comparisonColumns> = {
  attack: of('name of the attack; empty where accuracy is compared'),
  attack_options: asked.attack_options,
  view: asked.view,
  metric: of('metric of the leakage, or `test_accuracy`'),
  configuration_a: of('first configuration'),
  configuration_b: of('second configuration'),
  against_undefended: of('whether b is a without its defenses'),
  seeds: of('number of seeds that both have', 'seeds'),
  difference_mean: of('mean of a − b over these seeds; empty for fewer than two', 'of the metric'),
  difference_ci_low: of('lower end of its 95 % t interval', 'of the metric'),
  difference_ci_high: of('upper end of it', 'of the metric'),
  p_paired_t: of('two-sided p of the paired t test (Student 1908)'),
  p_sign_flip: of(
    'two-sided p of the exact sign-flip test (Fisher 1935), never below 2^(1 − n); empty beyond 20 seeds',
  ),
  p_holm: of('`p_paired_t` corrected (Holm 1979) for all pairs of this attack, or of accuracy, in this metric'),
  configuration_a_id: configurationId,
  configuration_b_id: configurationId,
};

export const paretoMeanings: Meanings<typeof paretoColumns> = {
  attack: asked.attack,
  attack_options: asked.attack_options,
  view: asked.view,
  metric,
  configuration: of('configuration; those whose control failed are left out'),
  test_accuracy_mean: of('mean of the test accuracy over seeds', 'share'),
  leakage_mean: of('mean of the leakage over seeds', 'of the metric'),
  dominated: of('whether another configuration is at least as good in both means, and better in one'),
  hypervolume: of('area between the front of this attack and metric and the reference point', 'share × metric'),
  reference_accuracy: of('accuracy of the reference point: 0', 'share'),
  reference_leakage: of(
    'leakage of it: the worst that the metric allows (1, or 0 for `mse`); the worst of the points for `psnr`',
    'of the metric',
  ),
  configuration_id: configurationId,
};

export const dictionaries: Readonly<Record<string, Readonly<Record<string, Meaning>>>> = {
  'runs.csv': runMeanings,
  'rounds.csv': roundMeanings,
  'confusion.csv': confusionMeanings,
  'progress.csv': progressMeanings,
  'timings.csv': timingMeanings,
  'summary.csv': summaryMeanings,
  'comparisons.csv': comparisonMeanings,
  'pareto.csv': paretoMeanings,
};

const rowsAre: Readonly<Record<string, string>> = {
  'runs.csv': 'One row for each run, attack and metric; one for a run without attacks.',
  'rounds.csv': 'One row for each run and round.',
  'confusion.csv':
    'One row for each run, label and class for which a test example of it was taken; none where there was no such example.',
  'progress.csv': 'One row for each run, attack, observation and recorded step of its search.',
  'timings.csv': 'One row for each run and phase.',
  'summary.csv': 'One row for each configuration, attack and metric, over its seeds.',
  'comparisons.csv': 'One row for each pair of configurations in accuracy, and in each metric of each attack.',
  'pareto.csv': 'One row for each configuration, attack and metric.',
};

export function columnsMarkdown(): string {
  const sections = Object.entries(dictionaries).flatMap(([file, meanings]) => ['', ...section(file, meanings)]);
  return `${['# Columns', '', 'Of the CSV files of `cutlayer run` and `cutlayer report`. Figures are written in full; shares lie in [0, 1].', ...sections].join('\n')}\n`;
}

function section(file: string, meanings: Readonly<Record<string, Meaning>>): string[] {
  return [
    `## ${file}`,
    '',
    rowsAre[file] ?? '',
    '',
    '| column | unit | meaning |',
    '| --- | --- | --- |',
    ...Object.entries(meanings).map(([column, { unit, meaning }]) => `| \`${column}\` | ${unit} | ${meaning} |`),
  ];
}
