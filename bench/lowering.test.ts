import { createRequire } from 'node:module';
import { expect } from 'chai';
import { channelBlockOf } from '../src/compile/engines/channel-block.ts';
import { onnxEngine } from '../src/compile/engines/onnx.ts';
import { measuredChoices } from '../src/compile/lowerings/conv2d-choices.ts';
import { buildStats } from '../src/compile/stats.ts';
import { type Tensor4D, tf } from '../src/compile/tf.ts';
import { centred } from './values.ts';

describe('ways to compute a convolution', () => {
  const x = centred([8, 9, 9, 16], 1, 1);
  const filter = centred([3, 3, 16, 16], 2, 0.1);

  async function withWay(forward: 'convolution' | 'columns' | 'blocks' | 'rows' | 'strips'): Promise<Float32Array> {
    const engine = onnxEngine(1, { choices: { ...measuredChoices, forward: () => forward } });
    const body = ([image, kernel]: readonly object[]) => [tf.conv2d(image as Tensor4D, kernel as Tensor4D, 1, 'same')];
    const run = await engine.build({ name: forward, body }, [x, filter]);
    return (await run([x, filter]))[0]?.data as Float32Array;
  }

  it('give the same numbers up to rounding, by other nodes', async () => {
    const ort = createRequire(import.meta.url)('onnxruntime-node') as typeof import('onnxruntime-node');
    const hasBlocks = (await channelBlockOf(ort)) > 0;
    const before = buildStats().length;
    const convolved = await withWay('convolution');
    const others = hasBlocks
      ? (['columns', 'rows', 'strips', 'blocks'] as const)
      : (['columns', 'rows', 'strips'] as const);
    for (const way of others) {
      const other = await withWay(way);
      convolved.forEach((value, i) => {
        expect(other[i]).to.be.closeTo(value, 1e-5);
      });
    }
    const sizes = buildStats()
      .slice(before)
      .map(({ modelBytes }) => modelBytes);
    expect(new Set(sizes).size).to.equal(others.length + 1);
  });
});
