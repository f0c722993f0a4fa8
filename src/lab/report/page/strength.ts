/** From no defense to the strongest, as far as options tell: what the slider goes along. */

import type { PluginConfig } from '../../../contracts/experiment.ts';
import type { Configuration } from '../study.ts';

/** Defenses of the same names stand together, the weaker first; the rest stays in the order of the plan. */
export function byStrength(configurations: readonly Configuration[]): Configuration[] {
  const kinds = [...new Set(configurations.map(kindOf))].sort((a, b) => Number(a !== '') - Number(b !== ''));
  return kinds.flatMap((kind) => configurations.filter((candidate) => kindOf(candidate) === kind).sort(weakerFirst));
}

const kindOf = ({ config }: Configuration) => config.defenses.map(({ name }) => name).join('+');

/** Options of which more is weaker (−1), or stronger (1). */
const directions: readonly (readonly [option: string, direction: number])[] = [
  ['epsilon', -1],
  ['noiseMultiplier', 1],
];

function weakerFirst(a: Configuration, b: Configuration): number {
  const pairs = a.config.defenses.map((own, index) => [own, b.config.defenses[index] as PluginConfig] as const);
  const differences = pairs.flatMap(([own, other]) =>
    directions.map(([option, direction]) => direction * excess(own, other, option)),
  );
  return differences.find((difference) => difference !== 0) ?? 0;
}

/** NaN and absent options tell nothing; two infinite ones are alike. */
function excess(own: PluginConfig, other: PluginConfig, option: string): number {
  const [left, right] = [own[option], other[option]];
  if (typeof left !== 'number' || typeof right !== 'number' || left === right) return 0;
  return left > right ? 1 : -1;
}
