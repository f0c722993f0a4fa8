/** How wide text is in Helvetica and fonts like it, where nothing can measure it. */

const narrow = new Set("ijlftrI.,:;'|!()[]{} -");
const wide = new Set('mwMW%@ε');

/** Estimates in pixels, on the safe side: the widest of the usual sans-serif fonts is a seventh wider than Helvetica. */
export function textWidth(text: string, fontSize: number): number {
  const ems = [...text].reduce((sum, character) => sum + widthOf(character), 0);
  return Math.ceil(1.15 * ems * fontSize);
}

function widthOf(character: string): number {
  if (narrow.has(character)) return 0.32;
  if (wide.has(character)) return 0.87;
  return /\p{Lu}/u.test(character) ? 0.7 : 0.56;
}
