/** What the page is about, and what is missing from it. */

import { counted } from '../../../../arrays/counted.ts';
import type { Study } from '../../study.ts';
import { html, type Markup } from '../markup.ts';

export function summarySection({ configurations, attacks, missing, records, provenance }: Study): Markup {
  const planned = configurations.reduce((sum, { runIds }) => sum + runIds.size, 0);
  const failed = records.filter(({ score }) => score?.controlOk === false);
  return html`<p>${counted(configurations.length, 'configuration')}, ${planned - missing.length} of ${counted(planned, 'run')}, ${counted(attacks.length, 'attack')}; results of ${dateOf(provenance.written)}.</p>
${missing.length > 0 && html`<p class="warning">Missing, and not in any mean: ${missing.map(({ configuration, seed, runId }) => `${configuration}, seed ${seed} (${runId})`).join('; ')}.</p>`}
${failed.length > 0 && html`<p class="warning">Control failed: ${controlsFailed(failed)}. There the attack did not beat guessing on the undefended model, and says nothing about a defense.</p>`}`;
}

function controlsFailed(failed: Study['records']): string {
  const names = failed.flatMap(({ score }) => (score ? [`${score.attack}, ${score.metric}`] : []));
  return [...new Set(names)].join('; ');
}

const dateOf = (date: Date) =>
  date
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
