/** An option as it is typed: `labelEpsilon` is `--label-epsilon`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
