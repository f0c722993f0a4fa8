/** The test of a new attack. */

import { importsInOrder } from './import-order.ts';
import type { Names } from './names.ts';

export function attackTest({ name, identifier }: Names): string {
  const own = { source: `./${name}.ts`, line: `import { ${identifier} } from './${name}.ts';` };
  const defaults = { source: './testing/defaults.ts', line: "import { withDefaults } from './testing/defaults.ts';" };
  const imports = importsInOrder([own, defaults]).join('\n');
  return `/** What ${name} finds; attacks.test.ts holds it to what is asked of every attack. Replace what is claimed with what yours can do. */

import { expect } from 'chai';
import { seededRng } from '../src/arrays/rng.ts';
import type { AttackOnView } from '../src/contracts/attack.ts';
import { imagesOf } from '../src/data/batches.ts';
import { meanSquaredError } from '../src/metrics/index.ts';
import { initWeights } from '../src/models/network.ts';
import { type Observed, observe } from '../src/training/testing/observed.ts';
import { blobs, smallModel } from '../src/training/testing/small-task.ts';
${imports}

const cut = 2;
const victims = blobs(6, 'train');

/** Each victim sent through one exchange by itself, and the truth beside it. */
function observed(): Promise<Observed<'main-server'>> {
  const batches = Array.from({ length: victims.size }, (_, i) => [i]);
  return observe({ model: smallModel(), cut, view: 'main-server', data: victims, batches });
}

/** Mean squared error of the reconstructions, over all victims. */
async function errorOf({ observations, knowledge, images }: Observed<'main-server'>): Promise<number> {
  const options = withDefaults(${identifier});
  const attack = ${identifier}.create(options, 'main-server') as AttackOnView<'main-server'>;
  const results = await attack.run(observations, knowledge, { rng: seededRng(5), progress: () => {} });
  return mean(images.map(({ data }, i) => meanSquaredError(data, results[i]?.images?.data as Float32Array)));
}

/** The control: what the mean of other examples scores as a guess. */
function errorOfGuess({ images }: Observed<'main-server'>): number {
  const others = imagesOf(blobs(200, 'test'));
  const size = others.data.length / 200;
  const guess = new Float32Array(size);
  others.data.forEach((value, i) => {
    guess[i % size] = (guess[i % size] as number) + value / 200;
  });
  return mean(images.map(({ data }) => meanSquaredError(data, guess)));
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('${name}', () => {
  it('comes closer to the victims than guessing their mean does', async () => {
    const seen = await observed();
    expect(await errorOf(seen)).to.be.below(0.5 * errorOfGuess(seen));
  });

  it('is no better than guessing with the parameters of another client', async () => {
    const seen = await observed();
    const clientParams = initWeights(smallModel(), seededRng(99)).params.slice(0, cut);
    const misled = { ...seen, knowledge: { ...seen.knowledge, clientParams } };
    expect(await errorOf(misled)).to.be.above(errorOfGuess(seen)); // below, did the truth leak in some other way
  });
});
`;
}
