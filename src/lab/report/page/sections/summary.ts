/** What the page is about, and what is missing from it. */

import { counted } from '../../../../arrays/counted.ts';
import { firstOf } from '../../../../arrays/first-of.ts';
import type { Study } from '../../study.ts';
import { html, type Markup } from '../markup.ts';

export function summarySection({ configurations, attacks, missing, records, provenance }: Study): Markup {
  const planned = configurations.reduce((sum, { runIds }) => sum + runIds.size, 0);
  const failed = records.filter(({ score }) => score?.controlOk === false);
  const alone = records.filter(({ score }) => score && score.controlOk === undefined);
  return html`<p>${counted(configurations.length, 'configuration')}, ${planned - missing.length} of ${counted(planned, 'run')}, ${counted(attacks.length, 'attack')}; results of ${dateOf(provenance.written)}.</p>
${missing.length > 0 && html`<p class="warning">Missing, and not in any mean: ${missingRuns(missing)}.</p>`}
${failed.length > 0 && html`<p class="warning">Control failed: ${controlsOf(failed)}. There the attack did not beat guessing on the undefended model, and says nothing about a defense.</p>`}
${alone.length > 0 && html`<p class="warning">No control: ${controlsOf(alone)}, in ${counted(new Set(alone.map(({ runId }) => runId)).size, 'run')}. Without an undefended run of the same configuration and seed, nothing shows whether the attack works there.</p>`}`;
}

/** The table of runs has all. */
function missingRuns(missing: Study['missing']): string {
  const names = missing.map(({ configuration, seed, runId }) => `${configuration}, seed ${seed} (${runId})`);
  return firstOf(names, { most: 10 });
}

function controlsOf(records: Study['records']): string {
  const names = records.flatMap(({ score }) => (score ? [`${score.attack}, ${score.metric}`] : []));
  return [...new Set(names)].join('; ');
}

const dateOf = (date: Date) =>
  date
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
