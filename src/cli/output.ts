/** What commands write to stdout: one JSON document, or text for a person. Everything else goes to stderr. */

/** JSON with "Infinity" as a string; NaN is an error of ours and never printed. */
export function toJson(value: object): string {
  return JSON.stringify(value, (key, entry: unknown) => {
    if (typeof entry !== 'number' || Number.isFinite(entry)) return entry;
    if (Number.isNaN(entry)) throw new Error(`NaN came out for "${key}"; please report this request.`);
    return String(entry);
  });
}

/** One JSON document where `json` was asked for, the lines for a person otherwise. */
export function print(json: boolean, answer: object, lines: readonly string[]): void {
  process.stdout.write(`${json ? toJson(answer) : lines.join('\n')}\n`);
}
