/** report.html: the whole report as one file that needs no network, drawn with tfjs-vis. */

import { createHash } from 'node:crypto';
import type { Origin } from '../origin.ts';
import type { Study } from '../study.ts';
import type { TradeOff } from '../trade-off.ts';
import { epsilonCharts, looksOf, tradeOffChart, trainingCharts } from './charts.ts';
import { confusionCharts } from './confusions.ts';
import { galleriesOf } from './galleries.ts';
import { html, jsonScript, Markup } from './markup.ts';
import type { PageData } from './page-data.ts';
import { progressCharts } from './progress.ts';
import { configurationSection, provenanceSection } from './sections/configuration.ts';
import { confusionSection } from './sections/confusions.ts';
import { gallerySection } from './sections/galleries.ts';
import { epsilonSection, trainingSection } from './sections/lines.ts';
import { progressSection } from './sections/progress.ts';
import { runsTable } from './sections/runs-table.ts';
import { summarySection } from './sections/summary.ts';
import { tradeOffSection } from './sections/trade-offs.ts';
import { style } from './style.ts';

export interface PageInputs {
  readonly study: Study;
  readonly tradeOffs: readonly TradeOff[];
  readonly origin: Origin;
  /** What runs in the browser. */
  readonly script: string;
  /** Of the results, where a server stands behind the page that tells of changes. */
  readonly watchedVersion?: string;
}

/** The same results and the same command give the same bytes. */
export function pageHtml(inputs: PageInputs): string {
  const { study, tradeOffs, origin } = inputs;
  const looks = looksOf(study);
  const drawn = tradeOffs.map((tradeOff) => ({ tradeOff, chart: tradeOffChart(tradeOff, study) }));
  const [training, epsilon] = [trainingCharts(study), epsilonCharts(study)];
  const progress = progressCharts(study);
  const galleries = galleriesOf(study);
  const confusions = confusionCharts(study);
  const charts = {
    tradeOffs: drawn.map(({ chart }) => chart),
    lines: [...progress, ...training, ...epsilon],
    confusions,
  };
  const sections: readonly Section[] = [
    { id: 'trade-off', title: 'Accuracy against leakage', body: tradeOffSection(drawn, looks, study) },
    { id: 'reconstructions', title: 'Reconstructions', body: gallerySection(galleries.galleries, study.attacks) },
    { id: 'attack-progress', title: 'Attack progress', body: progressSection(progress, looks, study) },
    { id: 'training', title: 'Training', body: trainingSection(training, looks) },
    { id: 'epsilon', title: 'ε over rounds', body: epsilonSection(epsilon, looks) },
    { id: 'confusion', title: 'Confusion', body: confusionSection(confusions, study) },
    { id: 'table', title: 'Runs', body: runsTable(study) },
    { id: 'configuration', title: 'Configuration', body: configurationSection(study) },
    { id: 'provenance', title: 'Provenance', body: provenanceSection(study, origin) },
  ];
  return documentOf(inputs, sections, { looks, ...charts, ...galleries });
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

function documentOf(
  { study, script, watchedVersion }: PageInputs,
  sections: readonly Section[],
  data: PageData,
): string {
  const name = study.configurations[0]?.config.name ?? 'results';
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(script, watchedVersion !== undefined)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${name} – cutlayer report</title>
<style>${new Markup(style)}</style>
</head>
<body${watchedVersion !== undefined && html` data-watched="${watchedVersion}"`}>
<a class="skip" href="#main">Skip to the figures</a>
<header>
<h1>${name}</h1>
${summarySection(study)}
${configurationFilter(study)}
<nav aria-label="Sections"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>
<main id="main">
${sections.map(
  ({
    id,
    title,
    body,
  }) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>
`,
)}</main>
${jsonScript('page-data', data)}
<script>${new Markup(script)}</script>
</body>
</html>
`.text;
}

/** Where there are many: for charts, legends, galleries and lists alike. Scripts show it. */
function configurationFilter({ configurations: { length } }: Study): Markup | undefined {
  if (length <= mostAtOnce) return undefined;
  return html`<form class="filters" id="shown" hidden><label>Show configurations whose names have <input type="search" autocomplete="off" spellcheck="false"></label><output aria-live="polite">${length} of ${length}</output></form>`;
}

const mostAtOnce = 12;

/** Nothing is loaded from anywhere, and only the page's own script runs. Vega makes functions of its expressions: hence unsafe-eval. */
function policyOf(script: string, isWatched: boolean): string {
  const hash = createHash('sha256').update(script).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}' 'unsafe-eval'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    ...(isWatched ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
