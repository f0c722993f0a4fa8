/** Everything that the doctor looks at, as one document and as lines for a person. */

import { catalogues } from '../catalogues.ts';
import { table } from '../table.ts';
import { version } from '../version.ts';
import { type DatasetReport, examineDatasets } from './datasets.ts';
import { type EngineReport, examineEngines } from './engines.ts';
import { examineOptionalParts, type OptionalPart } from './optional-parts.ts';

interface NodeReport {
  readonly name: 'node';
  readonly required: true;
  readonly ok: boolean;
  readonly version: string;
  readonly reason?: string;
}

export interface Diagnosis {
  /** What is required works. */
  readonly ok: boolean;
  readonly version: string;
  readonly node: NodeReport;
  readonly engines: readonly EngineReport[];
  readonly datasets: readonly DatasetReport[];
  readonly optional: readonly OptionalPart[];
}

export interface Examination {
  readonly threads: number;
  readonly dataDir: string | undefined;
}

export async function diagnose({ threads, dataDir }: Examination): Promise<Diagnosis> {
  const node = examineNode(process.versions.node);
  const optional = examineOptionalParts(); // runs beside the rest
  const datasets = await examineDatasets(catalogues.datasets, dataDir);
  const engines = await examineEngines(threads);
  const ok = [node, ...engines, ...datasets].every((part) => part.ok || !part.required);
  return { ok, version: version(), node, engines, datasets, optional: await optional };
}

/** Node 20.19 and newer, as package.json says. */
export function examineNode(running: string): NodeReport {
  const [major = 0, minor = 0] = running.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  const report = { name: 'node', required: true, ok, version: running } as const;
  return ok ? report : { ...report, reason: 'cutlayer needs Node 20.19 or newer.' };
}

/** Sections of lines, each with its mark. */
export function report({ ok, version: own, node, engines, datasets, optional }: Diagnosis): string[] {
  const derivatives = engines.flatMap(({ name, secondDerivatives: test }) =>
    test ? [[mark(test.ok, true), name, `${test.relativeError.toExponential(1)} from central differences`]] : [],
  );
  return [
    `cutlayer ${own}`,
    ...section('Node', [[mark(node.ok, true), node.version, node.reason ?? '']]),
    ...section(
      'Engines',
      engines.map((engine) => [mark(engine.ok, engine.required), engine.name, engineText(engine)]),
    ),
    ...section('Second derivatives', derivatives),
    ...section(
      'Data sets',
      datasets.map((data) => [mark(data.ok, data.required), data.name, dataText(data)]),
    ),
    ...section(
      'Optional',
      optional.map((part) => [mark(part.ok, false), part.name, part.version ?? part.reason ?? '']),
    ),
    '',
    ok ? 'Everything that is needed works.' : 'Something that is needed does not work.',
  ];
}

function mark(ok: boolean, required: boolean): string {
  if (ok) return '  ✓';
  return required ? '  ✗' : '  –';
}

function section(title: string, rows: readonly (readonly string[])[]): string[] {
  return ['', title, ...table(rows)];
}

function engineText({ versions, reason }: EngineReport): string {
  const found = Object.entries(versions ?? {}).map(([name, number]) => `${name} ${number}`);
  return [found.join(', '), withoutRequireStack(reason ?? '')].filter(Boolean).join(': ');
}

/** On one line, without the files that Node lists for a module that is not there. */
function withoutRequireStack(reason: string): string {
  const lines = reason.split('\n').filter((line) => !/^(?:Require stack:|- )/.test(line));
  return lines.join(' ');
}

function dataText({ examples, warnings = [], reason }: DatasetReport): string {
  if (!examples) return reason ?? '';
  const found = `${examples.train.toLocaleString('en-US')} + ${examples.test.toLocaleString('en-US')} examples, files checked`;
  return [found, ...warnings].join('; ');
}
