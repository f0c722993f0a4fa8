/** tradeoff.tex: the trade-offs drawn by pgfplots from the files in data/, as a document that compiles by itself. */

import { higherIsMoreLeakage } from '../../scoring.ts';
import { comment, latex } from '../latex/escape.ts';
import { metricTitle } from '../metrics.ts';
import { type Origin, originLines } from '../origin.ts';
import type { TradeOff, TradeOffEntry } from '../trade-off.ts';

/** `gan-inversion-psnr`. */
export function tradeOffName({ attack, metric }: TradeOff): string {
  return `${attack.slug}-${metric}`;
}

export function tradeOffTex(tradeOffs: readonly TradeOff[], origin: Origin): string {
  const lines = [
    ...comment([...originLines(origin), 'Compile it in its own folder: it reads data/*.dat.']),
    '\\documentclass{article}',
    '\\usepackage{pgfplots}',
    '\\pgfplotsset{compat=1.16}',
    '\\begin{document}',
    ...tradeOffs.flatMap((tradeOff) => ['', ...picture(tradeOff)]),
    '',
    '\\end{document}',
  ];
  return `${lines.join('\n')}\n`;
}

function picture(tradeOff: TradeOff): string[] {
  const { attack, metric, control, points } = tradeOff;
  const name = tradeOffName(tradeOff);
  const better = higherIsMoreLeakage[metric] ? 'less' : 'more';
  return [
    '\\begin{tikzpicture}',
    '  \\begin{axis}[',
    '    width=10cm, height=7cm, enlarge x limits=0.25, enlarge y limits=0.15,',
    `    xlabel={Leakage to ${latex(attack.name)}: ${latex(metricTitle(metric))}, ${better} is better},`,
    '    ylabel={Test accuracy (\\%)},',
    '  ]',
    ...spreadLines(tradeOff, name),
    `    \\addplot[const plot, no marks, dashed] table[x=leakage, y=accuracy] {data/front-${name}.dat};`,
    `    \\addplot[draw=none] coordinates {(${control.mean},${100 * (points[0] as TradeOffEntry).accuracy.mean})}; % keeps guessing in view`,
    `    \\draw[dotted, thick] ({axis cs:${control.mean},0} |- {rel axis cs:0,0})`,
    `      -- ({axis cs:${control.mean},0} |- {rel axis cs:0,1}) node[pos=0.97, anchor=north west, font=\\tiny] {guessing};`,
    '  \\end{axis}',
    '\\end{tikzpicture}',
    '\\par\\bigskip',
  ];
}

/** Points, hollow where they are dominated, with their labels; and bars where there is more than one seed. */
function spreadLines({ points }: TradeOff, name: string): string[] {
  const hasBars = points.some(({ accuracy, leakage }) => accuracy.half !== undefined || leakage.half !== undefined);
  const bars = hasBars ? ', error bars/.cd, x dir=both, x explicit, y dir=both, y explicit' : '';
  const errors = hasBars ? ', x error=leakage_half, y error=accuracy_half' : '';
  return [
    '    \\addplot[only marks, scatter, scatter src=explicit symbolic, scatter/classes={0={mark=*}, 1={mark=*, fill=white}},',
    '      visualization depends on={value \\thisrow{label} \\as \\pointlabel},',
    `      nodes near coords*={\\pointlabel}, every node near coord/.append style={font=\\tiny, anchor=south west}${bars}]`,
    `      table[x=leakage, y=accuracy, meta=dominated${errors}] {data/tradeoff-${name}.dat};`,
  ];
}
