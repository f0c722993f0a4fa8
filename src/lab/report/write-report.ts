/** Everything that a report consists of, into one folder. The same results and the same command give the same bytes. */

import { join } from 'node:path';
import { csvText } from '../results/csv.ts';
import { writeAtomically } from '../results/files.ts';
import { columnsMarkdown } from './columns.ts';
import { comparisonColumns, comparisonRows } from './comparisons.ts';
import { epsilonSvg } from './figures/epsilon.ts';
import { pdfOf } from './figures/pdf.ts';
import { roundsSvg } from './figures/rounds.ts';
import { tradeOffSvg } from './figures/trade-off.ts';
import { tablesTex } from './latex/tables.ts';
import { type Origin, originOf } from './origin.ts';
import { pageHtml } from './page/page.ts';
import { pageScript } from './page/script.ts';
import { epsilonData, frontData, roundsData, tradeOffData } from './pgfplots/data.ts';
import { tradeOffName, tradeOffTex } from './pgfplots/trade-off-tex.ts';
import type { Study } from './study.ts';
import { paretoColumns, paretoRows, type TradeOff, tradeOffsOf } from './trade-off.ts';

export interface ReportOptions {
  /** Where to write; made where it is missing. */
  readonly folder: string;
  /** Of the report: what follows `cutlayer`. */
  readonly argv: readonly string[];
}

export interface Report {
  readonly folder: string;
  /** Paths inside the folder, in the order in which they are described. */
  readonly files: readonly string[];
  readonly tradeOffs: readonly TradeOff[];
  /** What was not written, and why. */
  readonly notes: readonly string[];
}

export async function writeReport(study: Study, { folder, argv }: ReportOptions): Promise<Report> {
  const origin = originOf(study.provenance, argv);
  const tradeOffs = tradeOffsOf(study);
  const { text: script, reason } = await pageScript();
  const files = {
    'report.html': script && pageHtml({ study, tradeOffs, origin, script }),
    ...(await paperFiles(study, tradeOffs, origin)),
    ...dataFiles(study, tradeOffs),
  };
  const written = Object.entries(files).flatMap(([file, content]) =>
    content === undefined ? [] : [{ file, content }],
  );
  for (const { file, content } of written) writeAtomically(join(folder, file), content);
  const notes = [...(reason ? [`no report.html: ${reason}`] : []), ...notesOf(study, tradeOffs, files)];
  return { folder, files: written.map(({ file }) => file), tradeOffs, notes };
}

/** Contents by path; undefined where there is nothing to show. */
type Files = Readonly<Record<string, string | Uint8Array | undefined>>;

async function paperFiles(study: Study, tradeOffs: readonly TradeOff[], origin: Origin): Promise<Files> {
  const figures = await figuresOf(study, tradeOffs, origin);
  return {
    'table.tex': tablesTex(study, origin),
    ...(tradeOffs.length > 0 && { 'tradeoff.tex': tradeOffTex(tradeOffs, origin) }),
    ...(await figureFiles(figures, study)),
    ...Object.fromEntries(
      tradeOffs.flatMap((tradeOff) => [
        [`data/tradeoff-${tradeOffName(tradeOff)}.dat`, tradeOffData(tradeOff, origin)],
        [`data/front-${tradeOffName(tradeOff)}.dat`, frontData(tradeOff, origin)],
      ]),
    ),
    'data/rounds.dat': roundsData(study, origin),
    'data/epsilon.dat': figures['epsilon'] && epsilonData(study, origin),
  };
}

/** SVG by name. One after the other: they share the state of vega. */
async function figuresOf(study: Study, tradeOffs: readonly TradeOff[], origin: Origin) {
  const figures: Record<string, string | undefined> = {};
  for (const tradeOff of tradeOffs) {
    figures[`tradeoff-${tradeOffName(tradeOff)}`] = await tradeOffSvg(tradeOff, study, origin);
  }
  figures['rounds'] = await roundsSvg(study, origin);
  figures['epsilon'] = await epsilonSvg(study, origin);
  return figures;
}

/** Each as SVG and as PDF. */
async function figureFiles(figures: Readonly<Record<string, string | undefined>>, study: Study): Promise<Files> {
  const files: Record<string, string | Uint8Array | undefined> = {};
  for (const [name, svg] of Object.entries(figures)) {
    files[`figures/${name}.svg`] = svg;
    files[`figures/${name}.pdf`] = svg && (await pdfOf(svg, study.provenance.written));
  }
  return files;
}

/** CSV has no comments: where it comes from is in the files beside it. */
function dataFiles(study: Study, tradeOffs: readonly TradeOff[]): Files {
  return {
    'comparisons.csv': csvText(comparisonColumns, comparisonRows(study)),
    'pareto.csv': csvText(paretoColumns, paretoRows(tradeOffs)),
    'columns.md': columnsMarkdown(),
  };
}

function notesOf({ attacks }: Study, tradeOffs: readonly TradeOff[], files: Files): string[] {
  const drawn = new Set(tradeOffs.map(tradeOffName));
  const names = attacks.flatMap(({ slug, metrics }) => metrics.map(({ metric }) => `${slug}-${metric}`));
  const absent = names.filter((name) => !drawn.has(name));
  return [
    ...(names.length === 0 ? ['no run has an attack: there is no trade-off to draw'] : []),
    ...absent.map((name) => `no tradeoff-${name}: the control failed, or no figure is finite, for every configuration`),
    ...(files['figures/epsilon.svg'] === undefined ? ['no epsilon.svg: no channel by round has a finite ε'] : []),
  ];
}
