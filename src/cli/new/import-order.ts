/** Imports in the order that the formatter asks for. */

export interface ImportLine {
  /** What is imported from: `./my-attack.ts`. */
  readonly source: string;
  readonly line: string;
}

/** The lines, by the folders and then the name that they import from: `./deep.ts`, `./deep-leakage.ts`, `./testing/defaults.ts`. */
export function importsInOrder(imports: readonly ImportLine[]): string[] {
  const key = ({ source }: ImportLine) => source.replace(/\.ts$/, '').replaceAll('/', '\0');
  return [...imports].sort((a, b) => (key(a) < key(b) ? -1 : 1)).map(({ line }) => line);
}
