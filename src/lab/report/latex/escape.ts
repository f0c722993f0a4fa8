/** Text as LaTeX sets it literally, with pdfTeX and no further package. */

const special: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '$<$',
  '>': '$>$',
  '|': '$|$',
  '"': "''",
  ε: '$\\varepsilon$',
  δ: '$\\delta$',
  '∞': '$\\infty$',
  '±': '$\\pm$',
  '≥': '$\\geq$',
  '≤': '$\\leq$',
  '×': '$\\times$',
  '−': '$-$',
};

/** Characters that pdfTeX knows by itself stay; others, which would stop it, are named: `[U+4E2D]`. */
export function latex(text: string): string {
  return [...text].map((character) => special[character] ?? plain(character)).join('');
}

function plain(character: string): string {
  const code = character.codePointAt(0) as number;
  const isKnown = (code >= 0x20 && code < 0x7f) || (code >= 0xc0 && code <= 0xff);
  return isKnown ? character : `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}

/** Lines of a comment. */
export function comment(lines: readonly string[]): string[] {
  return lines.map((line) => `% ${line.replaceAll(/[\r\n]+/g, ' ')}`.trimEnd());
}
