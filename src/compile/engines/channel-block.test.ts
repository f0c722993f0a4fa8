import { createRequire } from 'node:module';
import { expect } from 'chai';
import { channelBlockOf } from './channel-block.ts';

type Ort = typeof import('onnxruntime-node');

describe('channelBlockOf', () => {
  it('is what the runtime fills channels up to: 8 or 16 where the processor has wide registers, else none', async () => {
    const ort = createRequire(import.meta.url)('onnxruntime-node') as Ort;
    expect(await channelBlockOf(ort)).to.be.oneOf([0, 8, 16]);
  });
});
