/**
 * `bench lowering`: every way to compute a convolution or one of its gradients, on this machine, beside the way that the table in
 * `src/compile/lowerings/conv2d-choices.ts` takes. A ratio well below 1 says that another choice would be faster here.
 */

import { median } from '../src/arrays/median.ts';
import type { Engine, Executable } from '../src/compile/engine.ts';
import { onnxEngine } from '../src/compile/engines/onnx.ts';
import type { ConvSize } from '../src/compile/lowerings/conv-size.ts';
import { type ConvChoices, measuredChoices } from '../src/compile/lowerings/conv2d-choices.ts';
import { tf } from '../src/compile/tf.ts';
import type { BenchmarkEntry, BenchmarkRow } from './bench.ts';
import { centred } from './values.ts';

interface Size {
  readonly batch: number;
  /** Side of the image. */
  readonly side: number;
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
  readonly stride: number;
}

const sizes: readonly Size[] = [
  { batch: 64, side: 28, from: 1, to: 6, kernel: 5, stride: 1 },
  { batch: 64, side: 14, from: 6, to: 16, kernel: 5, stride: 1 },
  { batch: 1, side: 14, from: 12, to: 12, kernel: 5, stride: 2 },
  { batch: 8, side: 28, from: 1, to: 12, kernel: 5, stride: 2 },
  { batch: 8, side: 14, from: 12, to: 12, kernel: 5, stride: 2 },
  { batch: 8, side: 7, from: 12, to: 12, kernel: 5, stride: 1 },
  { batch: 64, side: 14, from: 24, to: 24, kernel: 3, stride: 1 },
  { batch: 1, side: 32, from: 16, to: 16, kernel: 3, stride: 1 },
  { batch: 32, side: 16, from: 64, to: 64, kernel: 3, stride: 1 },
  { batch: 32, side: 32, from: 64, to: 64, kernel: 3, stride: 1 },
  { batch: 32, side: 4, from: 512, to: 512, kernel: 3, stride: 1 },
];

const ways = {
  forward: ['convolution', 'columns', 'blocks', 'rows', 'strips'],
  filterGradient: ['columns', 'columnsInParts', 'direct', 'blocks', 'shifts', 'swapped', 'rows', 'strips'],
  inputGradient: ['turned', 'turnedInBlocks', 'transposed', 'rows', 'strips'],
} as const satisfies { [Work in keyof ConvChoices]: readonly ReturnType<ConvChoices[Work]>[] };

type Work = keyof typeof ways;

const rounds = 9;
/** What a round of one way takes at least. */
const roundMs = 20;

export const lowering: BenchmarkEntry = {
  name: 'lowering',
  summary: 'every way to compute a convolution and its gradients, beside the one that is taken',
  onRequest: true,
  run: async ({ onRow }) => {
    for (const size of sizes) {
      for (const work of Object.keys(ways) as Work[]) {
        for (const row of await rowsOf(work, size)) onRow(row);
      }
    }
  },
};

async function rowsOf(work: Work, size: Size): Promise<BenchmarkRow[]> {
  const { chosen, channelBlock } = await takenFor(work, size);
  const rivals = ways[work].filter((way) => way === chosen || isPossible({ work, way }, size, channelBlock));
  const runs = await Promise.all(
    rivals.map((way) => prepared(onnxEngine(1, { choices: { ...measuredChoices, [work]: () => way } }), work, size)),
  );
  const times = await inTurns(runs);
  const own = times[rivals.indexOf(chosen as never)];
  return rivals.map((way, index) => ({
    name: `${work} ${size.batch}×${size.side}² ${size.from}→${size.to} ${size.kernel}²${size.stride > 1 ? '/2' : ''} ${way}`,
    oursMs: median(times[index]),
    peerMs: median(own),
    ratio: median(times[index].map((time, round) => time / own[round])),
    threads: 1,
    peer: chosen,
    peerVersion: 'taken',
  }));
}

interface Taken {
  readonly chosen: string;
  readonly channelBlock: number;
}

/** What the table takes here. */
async function takenFor(work: Work, size: Size): Promise<Taken> {
  let taken: Taken = { chosen: '', channelBlock: 0 };
  const choose = (given: ConvSize) => {
    const chosen = measuredChoices[work](given);
    taken = { chosen, channelBlock: given.channelBlock };
    return chosen;
  };
  await prepared(onnxEngine(1, { choices: { ...measuredChoices, [work]: choose } }), work, size);
  return taken;
}

/**
 * Blocks need whole ones, though filter gradients not of the image's channels, nor forward passes of few. Where filter gradients read
 * the image as it lies, fours do. A turned filter needs stride 1.
 */
function isPossible(
  { work, way }: { work: Work; way: string },
  { from, to, stride }: Size,
  channelBlock: number,
): boolean {
  if (way.startsWith('turned') && stride > 1) return false;
  if (way === 'direct') return channelBlock > 0 && to % 4 === 0;
  const areFew = work === 'forward' && from < channelBlock;
  const inBlocks = work === 'filterGradient' || areFew ? [to] : [from, to];
  return !/blocks/i.test(way) || (channelBlock > 0 && inBlocks.every((channels) => channels % channelBlock === 0));
}

async function prepared(
  engine: Engine,
  work: Work,
  { batch, side, from, to, kernel, stride }: Size,
): Promise<() => Promise<unknown>> {
  const small = Math.ceil(side / stride);
  const x = centred([batch, side, side, from], 1, 1);
  const filter = centred([kernel, kernel, from, to], 2, 0.1);
  const dy = centred([batch, small, small, to], 3, 1);
  const geometry = { strides: [stride, stride], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1] };
  const [kernelName, inputs, own] = {
    forward: ['Conv2D', { x, filter }, {}],
    filterGradient: ['Conv2DBackpropFilter', { x, dy }, { filterShape: filter.shape }],
    inputGradient: ['Conv2DBackpropInput', { dy, filter }, { inputShape: x.shape }],
  }[work] as [string, Record<string, typeof x>, object];
  const names = Object.keys(inputs);
  const body = (tensors: readonly object[]) => {
    const named = Object.fromEntries(names.map((name, index) => [name, tensors[index]]));
    return [tf.engine().runKernel(kernelName, named as never, { ...geometry, ...own } as never) as object];
  };
  const run: Executable = await engine.build({ name: `${work} alone`, body }, Object.values(inputs));
  return () => run(Object.values(inputs));
}

async function inTurns(runs: readonly (() => Promise<unknown>)[]): Promise<number[][]> {
  const counts = await Promise.all(runs.map(async (run) => Math.max(1, Math.ceil(roundMs / (await timed(run, 3))))));
  const times: number[][] = runs.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, run] of runs.entries()) times[index].push(await timed(run, counts[index]));
  }
  return times;
}

async function timed(run: () => Promise<unknown>, count: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < count; i += 1) await run();
  return (performance.now() - start) / count;
}
