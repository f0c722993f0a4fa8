/**
 * Composed losses in two sections: no release has an outcome beyond its cut («bulk»), and at least one has («rare»).
 *
 * With B the transform of one release's outcomes below its cut and R of those above, composition of T releases has
 * (B + R)^T = B^T + B^T ((1 + R/B)^T − 1): the bulk, and what is rare without a difference of nearly equal numbers.
 */

import type { GaussianMechanism, LaplaceMechanism, ReplaceGaussianMechanism } from '../mechanisms.ts';
import type { MixturePair } from '../pld/gaussian-mixture-law.ts';
import { removePair, replacePair } from '../pld/gaussian-pairs.ts';
import type { Line } from './line.ts';
import { type Between, complexRule, cutFor, type Outcomes, outcomesOn, type Rule, realRule } from './outcomes.ts';

/** What the contour integral covers: mechanisms whose transform is known off the real line. */
export interface ContourPart {
  readonly mechanism: GaussianMechanism | LaplaceMechanism | ReplaceGaussianMechanism;
  readonly count: number;
}

/** Logarithms of P-masses, of all releases together: beyond their cuts, and beyond what is left out altogether. */
export interface Cuts {
  readonly cut: number;
  /** Where it is not below `cut`, the rare section is empty. */
  readonly dropped: number;
}

/** Outcomes that count, on a rule. */
interface Slice extends Outcomes {
  readonly between: Between;
  readonly rule: Rule;
}

/** A part whose losses lie on nodes. */
export interface Sampled {
  readonly pair: MixturePair;
  readonly count: number;
  readonly bulk: Slice;
  readonly rare: Slice | null;
  /** P-mass of the rare outcomes. */
  readonly lost: number;
}

export interface Sections {
  readonly sampled: readonly Sampled[];
  /** Mechanisms with a formula. */
  readonly closed: readonly ContourPart[];
}

export type Section = 'bulk' | 'rare';

function pairOf({ mechanism }: ContourPart): MixturePair | null {
  if (mechanism.kind === 'replace-gaussian') return replacePair(mechanism);
  return mechanism.kind === 'gaussian' && mechanism.samplingRate < 1 ? removePair(mechanism) : null;
}

function realSlice(pair: MixturePair, between: Between): Slice {
  const rule = realRule(pair, between);
  return { between, rule, ...outcomesOn(pair, between, rule) };
}

function sampledPart(pair: MixturePair, count: number, { cut, dropped }: Cuts): Sampled {
  const all = Number.NEGATIVE_INFINITY;
  const end = cutFor(pair, dropped);
  if (cut <= dropped) return { pair, count, bulk: realSlice(pair, { from: all, to: end }), rare: null, lost: 0 };
  const to = cutFor(pair, cut);
  const rare = realSlice(pair, { from: to, to: end });
  const lost = rare.masses.reduce((a, b) => a + b);
  return { pair, count, bulk: realSlice(pair, { from: all, to }), rare, lost };
}

/** The sections, for moments at real z. */
export function sectionsOf(parts: readonly ContourPart[], { cut, dropped }: Cuts): Sections {
  const sampled = parts.flatMap((part): Sampled[] => {
    const pair = pairOf(part);
    const share = Math.log(part.count * parts.length);
    return pair === null ? [] : [sampledPart(pair, part.count, { cut: cut - share, dropped: dropped - share })];
  });
  return { sampled, closed: parts.filter((part) => pairOf(part) === null) };
}

/** The rules that a slice needs on a line, over which the sum of T logarithms is to hold. */
function ruleOn({ pair, count }: Sampled, slice: Slice, { tilt, spacing, points }: Line): Rule {
  return complexRule(pair, slice.rule, slice, { tilt, highest: spacing * points, digits: 46 + Math.log(count) });
}

function slicesOf({ bulk, rare }: Sampled, section: Section): Slice[] {
  return section === 'rare' && rare !== null ? [bulk, rare] : [bulk];
}

/** Nodes times points of the section's transform on a line. */
export function workOf({ sampled }: Sections, section: Section, line: Line): number {
  const nodes = sampled.flatMap((part) => slicesOf(part, section).map((slice) => ruleOn(part, slice, line).count));
  return line.points * (1 + nodes.reduce((a, b) => a + b, 0));
}

/** The sections, for transforms on a line. */
export function resolved(sections: Sections, line: Line): Sections {
  const onLine = (part: Sampled, slice: Slice): Slice => {
    const rule = ruleOn(part, slice, line);
    return { between: slice.between, rule, ...outcomesOn(part.pair, slice.between, rule) };
  };
  const sampled = sections.sampled.map((part) => ({
    ...part,
    bulk: onLine(part, part.bulk),
    rare: part.rare === null ? null : onLine(part, part.rare),
  }));
  return { ...sections, sampled };
}
