/** What a reader of a table must know. */

import type { MetricFamily } from '../metrics.ts';
import type { Configuration } from '../study.ts';
import { channelNames, provenChannels } from './epsilons.ts';
import { latex } from './escape.ts';
import type { TableSubject } from './tables.ts';

/** What tables of a family show, in words that go on with the name of the attack. */
const familyTitles: Readonly<Record<MetricFamily, string>> = {
  images: 'likeness of the images reconstructed by',
  labels: 'labels recovered by',
  dependence: 'statistical dependence of the inputs and what is seen by',
};

export function captionOf(subject: TableSubject): string {
  const { attack, family, configurations } = subject;
  const what =
    attack && family ? `, and ${familyTitles[family]} ${latex(attack.label)} (view ${latex(attack.view)})` : '';
  return [
    `Test accuracy${what}. Arrows point to what is better.`,
    ...seedSentences(configurations),
    ...controlSentences(subject),
    ...epsilonSentences(configurations),
  ].join(' ');
}

function seedSentences(configurations: readonly Configuration[]): string[] {
  const most = Math.max(...configurations.map(({ accuracy }) => accuracy.size));
  if (most <= 1) return ['One seed: no interval and no test; bold marks the best value.'];
  const isMissing = configurations.some(({ accuracy, runIds }) => accuracy.size < runIds.size);
  return [
    'Mean $\\pm$ half of the 95\\,\\% $t$ interval over seeds.',
    'Bold: the best mean, and ties by test (paired $t$ test over seeds, Holm-corrected $p \\geq 0.05$).',
    ...(isMissing ? ['Seeds as finished/planned.'] : []),
  ];
}

function controlSentences(subject: TableSubject): string[] {
  const hasFailed = subject.metrics.some(({ scores }) => scores.some(({ controlOk }) => controlOk === false));
  return [
    ...(hasFailed ? ['Failed: there the attack did not beat guessing without a defense, and says nothing.'] : []),
    ...aloneSentences(subject),
  ];
}

function aloneSentences({ metrics, configurations }: TableSubject): string[] {
  const alone = (metrics[0]?.scores ?? []).filter(
    ({ leakage, controlOk }) => leakage.size > 0 && controlOk === undefined,
  );
  if (alone.length === 0) return [];
  const which = alone.length === configurations.length ? '' : ` beside ${alone.length} of the rows`;
  return [`No undefended run${which}: nothing shows whether the attack works there.`];
}

function epsilonSentences(configurations: readonly Configuration[]): string[] {
  const proven = provenChannels(configurations);
  if (proven.length === 0) return ['No channel has a finite $\\varepsilon$.'];
  const unproven = (['activation', 'weights', 'label'] as const).filter((channel) => !proven.includes(channel));
  const ledger = `$\\varepsilon$ at $\\delta = ${ledgerValues(configurations, 'delta')}$`;
  const distance = proven.includes('activation')
    ? `, of activations for two inputs at distance $${ledgerValues(configurations, 'distance')}$`
    : '';
  return [
    `${ledger}${distance}, the largest over seeds.`,
    ...(proven.includes('weightsConditional') ? ['cond.: if the server part did not depend on the example.'] : []),
    ...(unproven.length > 0
      ? [`$\\varepsilon = \\infty$ throughout: ${unproven.map((channel) => channelNames[channel]).join(', ')}.`]
      : []),
  ];
}

function ledgerValues(configurations: readonly Configuration[], key: 'delta' | 'distance'): string {
  const texts = configurations.map(({ config }) => scientific(config.ledger[key]));
  return [...new Set(texts)].join(',\\ ');
}

/** 10^{-5} for 0.00001; plain digits for what reads well so. */
function scientific(value: number): string {
  if (value >= 0.001 && value < 10_000) return String(value);
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  return `${digits === '1' ? '' : `${digits} \\cdot `}10^{${Number(exponent)}}`;
}
