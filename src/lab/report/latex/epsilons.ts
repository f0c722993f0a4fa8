/** Columns of ε: those of channels for which something is proven. */

import type { Epsilons } from '../../results/read.ts';
import type { Configuration } from '../study.ts';
import { latex } from './escape.ts';
import { epsilonText } from './number.ts';
import type { Column } from './tables.ts';

export const channelNames: Readonly<Record<keyof Epsilons, string>> = {
  activation: 'activation',
  weights: 'weights',
  weightsConditional: 'weights, cond.',
  label: 'label',
  joint: 'joint',
};

/** The channels for which anything is proven of any configuration. */
export function provenChannels(configurations: readonly Configuration[]): (keyof Epsilons)[] {
  const channels = Object.keys(channelNames) as (keyof Epsilons)[];
  return channels.filter((channel) => configurations.some(({ epsilons }) => Number.isFinite(epsilons?.[channel])));
}

export function epsilonColumns(configurations: readonly Configuration[]): Column[] {
  return provenChannels(configurations).map((channel) => ({
    head: headOf(channel),
    cells: configurations.map(({ epsilons, weightsUnit = 'example' }) => {
      if (!epsilons) return '--';
      const isOfUnit = channel.startsWith('weights') && weightsUnit !== 'example' && Number.isFinite(epsilons[channel]);
      return `$${epsilonText(epsilons[channel])}$${isOfUnit ? ` (${latex(weightsUnit)})` : ''}`;
    }),
  }));
}

/** `ε weights` over `cond.`, `ε` over `joint`. */
function headOf(channel: keyof Epsilons): [string, string] {
  const words = channelNames[channel].split(', ');
  return words.length === 1 ? ['$\\varepsilon$', words.join()] : [`$\\varepsilon$ ${words[0]}`, words.slice(1).join()];
}
