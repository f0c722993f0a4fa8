/** Warnings: what a person should know although nothing is refused. They are no progress, so `--quiet` leaves them. */

export function warn(messages: readonly string[]): void {
  for (const message of messages) process.stderr.write(warningLine(message));
}

export function warningLine(message: string): string {
  return `cutlayer: warning: ${message}\n`;
}
