/** Records what each adversary would see of one exchange: the views, and nothing of the victims but what they show. */

import { full, scalar } from '../arrays/ndarray.ts';
import { compile } from '../compile/compile.ts';
import type { NdArray, Tensors } from '../contracts/array.ts';
import type { Observation, ViewName, Views } from '../contracts/attack.ts';
import type { Dataset } from '../contracts/dataset.ts';
import type { Model, Params } from '../contracts/model.ts';
import type { Rng } from '../contracts/rng.ts';
import { batchOf, labelsOf } from '../data/batches.ts';
import { drawNoise } from '../models/network.ts';
import { type ExchangeOutputs, exchange } from './exchange.ts';
import { type GlobalWeights, partsOf } from './train.ts';
import { drawGradientNoise, gradientNoiseStd, type PrivateUpdate, privatize } from './update.ts';

export interface ProbeDesign {
  readonly model: Model;
  readonly cut: number;
  readonly data: Dataset;
  readonly privacy: PrivateUpdate | undefined;
}

export interface ProbePlan<V extends ViewName> {
  readonly view: V;
  readonly round: number | 'end';
  /** The victims of each observation, by index into the data. */
  readonly batches: readonly Int32Array[];
  /** How often each batch is sent, with fresh noise. */
  readonly releases: number;
  readonly noiseRng: Rng;
  /** The clipping norm at that time, where it adapts; the rule's where left out. */
  readonly clipNorm?: number | undefined;
}

export type Prober = <V extends ViewName>(global: GlobalWeights, plan: ProbePlan<V>) => Promise<Observation<V>[]>;

/** Probes run every defense as training would, and change nothing: no weights, no optimizer, no stream of the training. */
export function prober(design: ProbeDesign): Prober {
  const { fused } = exchange({ ...partsOf(design.model, design.cut), gradientRule: design.privacy?.rule });
  const noisyMean = privatizer(design.privacy);
  return (global, plan) =>
    Promise.all(
      plan.batches.map(async (indices, batch) => {
        const releases: Views[typeof plan.view][] = [];
        for (let release = 0; release < plan.releases; release += 1) {
          const noiseRng = plan.noiseRng.fork(`batch-${batch}/release-${release}`);
          const { clipNorm } = plan;
          const outputs = await fused(probeInputs(design, { global, indices, noiseRng, clipNorm }));
          const clientGradient = await noisyMean({ sum: outputs.clientGradient, clipNorm }, noiseRng);
          const labels = labelsOf(design.data, indices);
          releases.push(viewsOf[plan.view]({ ...outputs, clientGradient, labels, global }));
        }
        return { view: plan.view, round: plan.round, batchSize: indices.length, releases };
      }),
    );
}

interface ProbeInputs {
  readonly global: GlobalWeights;
  readonly indices: Int32Array;
  readonly noiseRng: Rng;
  readonly clipNorm: number | undefined;
}

function probeInputs({ model, cut, data }: ProbeDesign, { global, indices, noiseRng, clipNorm }: ProbeInputs) {
  const noise = drawNoise(model.layers, model.inputShape, indices.length, noiseRng.fork('layers'), 'training');
  return {
    ...global,
    ...batchOf(data, indices),
    share: full([indices.length], 1 / indices.length),
    clientNoise: noise.slice(0, cut),
    serverNoise: noise.slice(cut),
    clipNorm: clipNorm === undefined ? undefined : scalar(clipNorm),
  };
}

interface ClippedGradient {
  readonly sum: Params;
  readonly clipNorm: number | undefined;
}

/** The client's gradient as it leaves the client. */
function privatizer(privacy: PrivateUpdate | undefined): (gradient: ClippedGradient, noiseRng: Rng) => Promise<Params> {
  if (!privacy) return async ({ sum }) => sum;
  interface Inputs {
    readonly sum: Params;
    readonly noise: Params;
    readonly std: NdArray | undefined;
  }
  const graph = compile('noisy mean gradient', ({ sum, noise, std }: Tensors<Inputs>) =>
    privatize({ ...privacy, std }, sum, noise),
  );
  return ({ sum, clipNorm }, noiseRng) => {
    const std = clipNorm === undefined ? undefined : scalar(gradientNoiseStd(privacy.rule, clipNorm));
    return graph({ sum, noise: drawGradientNoise(sum, noiseRng.fork('gradient')), std });
  };
}

interface Seen extends ExchangeOutputs {
  readonly labels: Int32Array;
  readonly global: GlobalWeights;
}

/** What each adversary is given of an exchange. */
const viewsOf: { readonly [V in ViewName]: (seen: Seen) => Views[V] } = {
  server: ({ global, clientGradient }) => ({ params: global.client.params, gradient: clientGradient }),
  'main-server': ({ smashed, labels, global, serverGradient }) => ({
    smashed,
    labels,
    serverParams: global.server.params,
    serverGradient,
  }),
  'fed-server': ({ global, clientGradient }) => ({ clientParams: global.client.params, clientGradient }),
  servers: (seen) => ({ ...viewsOf['main-server'](seen), ...viewsOf['fed-server'](seen) }),
};
