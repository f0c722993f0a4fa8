/** Reading the votes of many examples for `cutlayer certify --file`. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { UsageError } from './usage-error.ts';

const count = z.number().int().nonnegative();
const label = count.optional();
const votes = z.strictObject({ counts: z.array(count).min(2), selection: z.array(count).min(2).optional(), label });
const scores = z.strictObject({ draws: count, sums: z.array(z.number()), squares: z.array(z.number()), label });
const examples = z.array(z.union([votes, scores])).min(1);

/** How often each class won (with votes of other draws that chose it), or sums and squares of softmax scores. */
export type ExampleVotes = z.infer<typeof votes> | z.infer<typeof scores>;

/** The examples of a JSON file. Throws a UsageError that names the file and the entry. */
export function readVotes(file: string): ExampleVotes[] {
  const parsed = examples.safeParse(jsonOf(file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? `entry ${issue.path.join('.')}` : 'the whole';
  throw new UsageError(
    `${file}: ${where} must be an object like {"counts": [1950, 30, 20], "label": 0} or ` +
      `{"draws", "sums", "squares", "label"}, in a list of at least one, but it is not (${issue?.message}).`,
  );
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`--file must be a JSON file: ${error instanceof Error ? error.message : String(error)}`);
  }
}
