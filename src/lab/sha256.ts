/** The SHA-256 of texts and files, by which what lies on disk is named and checked. */

import { createHash } from 'node:crypto';

/** 64 hexadecimal digits. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
