/** Warnings: what a person should know although nothing is refused. They are no progress, so `--quiet` leaves them. */

export function warn(messages: readonly string[]): void {
  for (const message of messages) process.stderr.write(`cutlayer: warning: ${message}\n`);
}
