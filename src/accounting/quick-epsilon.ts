/** ε to about 1e-9 without bounds: what calibration searches by before it asks the accountant itself. */

import type { PrivacyEvent } from '../contracts/event.ts';
import { closedForm } from './closed-form.ts';
import { contourEpsilon, hasTransforms } from './contour/contour.ts';
import { type AccountingOptions, figureAt, optionsIn } from './epsilon-of.ts';
import { flattenEvent } from './events.ts';
import { rdpEpsilon } from './rdp/rdp.ts';

/** Beyond it Rényi DP says enough: which side of the target this is. */
const FAR = 4;
/** Bounds this close to the target end a search: they cost too much to look for more. */
const CLOSE = 3e-4;

export interface QuickOptions extends AccountingOptions {
  /** The ε that is looked for. */
  readonly near: number;
}

/**
 * The figure of `rdp` and `gaussian-dp` themselves; for the others the closed form, else the contour integral, with a
 * start at the ε that is looked for. Far above the target, or where nothing converges, Rényi DP's or the bounds'.
 */
export function quickEpsilon(event: PrivacyEvent, delta: number, { near, ...options }: QuickOptions): number {
  const { accountant, adjacency = 'add-or-remove' } = options;
  if (accountant === 'rdp' || accountant === 'gaussian-dp') {
    return figureAt(event, delta, optionsIn(options));
  }
  const flat = flattenEvent(event, adjacency);
  if (flat.nonPrivate !== null) return Number.POSITIVE_INFINITY;
  if (flat.parts.length === 0) return 0;
  const closed = closedForm(flat, delta);
  if (closed !== null) return closed;
  if (!hasTransforms(flat)) return figureAt(event, delta, { adjacency });
  const renyi = rdpEpsilon(flat, delta).epsilon;
  if (renyi <= near) return renyi;
  const found = (renyi > FAR * near ? null : contourEpsilon(flat, delta, Math.min(renyi, near))) ?? null;
  if (found !== null) return found.epsilon;
  const direct = contourEpsilon(flat, delta);
  if (direct !== null) return direct.epsilon;
  const upper = figureAt(event, delta, { adjacency });
  return Math.abs(upper / near - 1) < CLOSE ? near : upper;
}
