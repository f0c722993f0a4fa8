/** How configurations are told apart in every figure: by colour, by shape and by dashes, so also in print without colour. */

/** Okabe and Ito's colours for all kinds of colour vision, but for yellow, which is too pale for lines on white. */
const colors = ['#000000', '#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'] as const;
const shapes = [
  'circle',
  'square',
  'triangle-up',
  'diamond',
  'triangle-down',
  'cross',
  'triangle-right',
  'triangle-left',
] as const;
const dashes: readonly number[][] = [[], [7, 2], [2, 2], [8, 2, 2, 2], [4, 4], [12, 3], [5, 1, 1, 1, 1, 1]];

export interface Marks {
  readonly color: string;
  /** Of vega. */
  readonly shape: string;
  /** Lengths of line and gap, in pixels; none for a line without gaps. */
  readonly dash: number[];
}

/** Of the configuration at this place of the study. Colours and shapes together repeat after 56. */
export function marksOf(index: number): Marks {
  return {
    color: colors[index % colors.length] as string,
    shape: shapes[index % shapes.length] as string,
    dash: dashes[index % dashes.length] as number[],
  };
}
