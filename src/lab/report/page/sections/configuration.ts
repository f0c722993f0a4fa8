/** What was asked, and how it was all made. */

import { type Origin, originLines } from '../../origin.ts';
import type { Study } from '../../study.ts';
import { html, type Markup } from '../markup.ts';

export function configurationSection({ configurations }: Study): Markup {
  const isLong = configurations.length > 20;
  return html`<div${isLong && html` class="many" role="region" aria-label="Configurations" tabindex="0"`}>${configurations.map(
    ({ id, label, config, runIds }) => html`<details data-configuration="${label}">
<summary>${label}</summary>
<p>configuration_id ${id}; ${runIds.size === 1 ? 'run' : 'runs'} ${[...runIds].map(([runId, seed]) => `${runId} (seed ${seed})`).join(', ')}</p>
<pre tabindex="0">${jsonOf({ ...config, seed: undefined })}</pre>
</details>
`,
  )}</div>`;
}

/** Numbers that JSON does not know as texts, as in config.json. */
function jsonOf(value: object): string {
  const plain = (_: string, entry: unknown) =>
    typeof entry === 'number' && !Number.isFinite(entry) ? String(entry) : entry;
  return JSON.stringify(value, plain, 1);
}

export function provenanceSection({ provenance }: Study, origin: Origin): Markup {
  return html`<pre tabindex="0">${originLines(origin).join('\n')}</pre>
<dl>${leavesOf(provenance.all).map(([key, value]) => html`<dt>${key}</dt><dd>${value}</dd>`)}</dl>`;
}

/** `git.commit` and what it is; lists of plain values on one line. */
function leavesOf(value: object, prefix = ''): [key: string, value: string][] {
  return Object.entries(value).flatMap(([key, child]: [string, unknown]): [string, string][] => {
    const path = `${prefix}${key}`;
    if (typeof child !== 'object' || child === null) return [[path, String(child)]];
    const isPlain = Array.isArray(child) && child.every((entry) => typeof entry !== 'object');
    return isPlain ? [[path, child.join(' ')]] : leavesOf(child, `${path}.`);
  });
}
