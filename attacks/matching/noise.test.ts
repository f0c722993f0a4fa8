import { expect } from 'chai';
import { seededRng } from '../../src/arrays/rng.ts';
import { arraysOf } from '../../src/arrays/tree.ts';
import type { Layer, LayerNoise } from '../../src/contracts/model.ts';
import { dense, dropout, flatten, silu } from '../../src/models/layers/index.ts';
import { type LayerNoiseRule, noisy } from '../../src/models/noisy.ts';
import { type NoiseHandling, noiseModel } from './noise.ts';

const inputShape = [4, 4, 1] as const;
const noiseOf = (scale: LayerNoiseRule['scale']) => ({ distribution: 'normal', scale, gain: 1 }) as const;
const loud = (layer: Layer) =>
  noisy(
    layer,
    noiseOf(() => 0.3),
  );
const silent = (layer: Layer) =>
  noisy(
    layer,
    noiseOf(() => 0),
  );

/** How the draws of a batch of 2 are handled: the shapes of what is searched for and held, layer by layer. */
async function handled(layers: readonly Layer[], handling: NoiseHandling) {
  const noise = await noiseModel({ layers, inputShape }, handling);
  const shapes = (draws: LayerNoise) => draws.map((array) => array?.shape);
  const held = noise.held(2, seededRng(1));
  return { ...noise, searched: shapes(noise.searched(2)), held: shapes(held), draws: held };
}

describe('noiseModel', () => {
  /** A silent noise, a loud one, and dropout, whose draws nobody searches for. */
  const mixed = [silent(flatten()), loud(dense({ units: 5 })), dropout({ rate: 0.5 })];

  it('searches for the draws that are heard, and holds the others at 0', async () => {
    const { copies, isRedrawn, searched, held, draws } = await handled(mixed, 'joint');
    expect({ copies, isRedrawn }).to.deep.equal({ copies: 1, isRedrawn: false });
    expect(searched).to.deep.equal([undefined, [2, 5], undefined]);
    expect(held).to.deep.equal([[2, 16], undefined, undefined]);
    expect(
      arraysOf(draws)
        .flatMap(({ data }) => [...data])
        .every((draw) => draw === 0),
    ).to.equal(true);
  });

  it('averages over eight draws of all of them where one is heard', async () => {
    const { copies, isRedrawn, searched, held } = await handled(mixed, 'average');
    expect({ copies, isRedrawn }).to.deep.equal({ copies: 8, isRedrawn: true });
    expect(searched).to.deep.equal([undefined, undefined, undefined]);
    expect(held).to.deep.equal([[16, 16], [16, 5], undefined]);
  });

  it('averages over nothing where none is heard', async () => {
    const { copies, isRedrawn, held } = await handled([silent(flatten()), silu()], 'average');
    expect({ copies, isRedrawn }).to.deep.equal({ copies: 1, isRedrawn: false });
    expect(held).to.deep.equal([[2, 16], undefined]);
  });

  it('hears a noise so small that rounding would swallow a draw of usual size', async () => {
    const faint = noisy(
      flatten(),
      noiseOf(() => 1e-12),
    );
    expect((await handled([faint], 'average')).copies).to.equal(8);
  });
});
