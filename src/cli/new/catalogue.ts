/** A catalogue's file (`attacks/index.ts`, `defenses/index.ts`) with one entry more. */

import { UsageError } from '../usage-error.ts';
import { type ImportLine, importsInOrder } from './import-order.ts';
import type { Names } from './names.ts';

/** `import { deepLeakage } from './deep-leakage.ts';` */
const importPattern = /^import \{ \w+ \} from '(\.\/[^']+)';$/;
const listPattern = /^(export const \w+: readonly \w+\[\] = \[)([^\]]*)\];$/m;
const lineWidth = 120;

/**
 * The text with the entry's import among the others, in order, and the entry at the end of the list.
 * @throws UsageError where the file is not laid out like that.
 */
export function withEntry(text: string, { file, name, identifier }: Names & { readonly file: string }): string {
  const lines = text.split('\n');
  const imports = lines.flatMap((line): ImportLine[] => {
    const source = importPattern.exec(line)?.[1];
    return source === undefined ? [] : [{ source, line }];
  });
  const [first] = imports;
  if (!first || !listPattern.test(text)) throw unreadable(file, identifier);
  const start = lines.indexOf(first.line);
  const isOneBlock = imports.every(({ line }, i) => lines[start + i] === line);
  if (!isOneBlock) throw unreadable(file, identifier);
  const source = `./${name}.ts`;
  const own = { source, line: `import { ${identifier} } from '${source}';` };
  lines.splice(start, imports.length, ...importsInOrder([...imports, own]));
  return lines.join('\n').replace(listPattern, (_, head: string, list: string) => listed(head, list, identifier));
}

/** On one line where it fits, as the formatter has it. */
function listed(head: string, list: string, identifier: string): string {
  const before = list.split(',').map((entry) => entry.trim());
  const entries = [...before.filter((entry) => entry !== ''), identifier];
  const line = `${head}${entries.join(', ')}];`;
  return line.length <= lineWidth ? line : `${head}\n${entries.map((entry) => `  ${entry},\n`).join('')}];`;
}

function unreadable(file: string, identifier: string): UsageError {
  return new UsageError(
    `${file} must have one block of imports such as "import { pixeldp } from './pixeldp.ts';" and a list in [ ] without comments, ` +
      `so that ${identifier} can be put there, but has not. Nothing was written.`,
  );
}
