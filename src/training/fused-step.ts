/** A training step without messages really sent: one graph for a batch, or a graph for each of its microbatches and one for the update. */

import { concatRows } from '../arrays/ndarray.ts';
import { compile, compileEach, threadsForEach } from '../compile/compile.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { Tensors } from '../contracts/array.ts';
import type { Params } from '../contracts/model.ts';
import { type ExchangeInputs, type ExchangeOutputs, exchangeInGraph, type Transport } from './exchange.ts';
import { exchangeInputs, microbatchesOf, microbatchSizeOf } from './microbatches.ts';
import { clipNormOf, gradientNoiseOf, nextClipNormOf } from './private-step.ts';
import type { Lot, Microbatch, Parties, Step, StepDesign, StepResult } from './step.ts';
import { applyUpdate, type GradientNoise, noisyGradient } from './update.ts';

/** Of a lot of one batch, or of none. */
export function fusedStep(design: StepDesign): Step {
  const [whole, inMicrobatches, sizeOf] = [wholeStep(design), stepInMicrobatches(design), microbatchSizeOf(design)];
  return async (parties, lot, transport) => {
    const [batch] = lot.microbatches;
    const size = batch && sizeOf(parties, { examples: batch.x.shape[0] ?? 0, threads: await threadsForEach() });
    return size
      ? inMicrobatches(parties, { ...lot, microbatches: microbatchesOf(batch, size) }, transport(batch))
      : whole(parties, lot, transport);
  };
}

type WholeInputs = Parties & Omit<Microbatch, 'examples'> & Pick<ExchangeInputs, 'clipNorm'> & GradientNoise;

function wholeStep(design: StepDesign): Step {
  const exchangePhases = exchangeInGraph({ ...design, gradientRule: design.privacy?.rule });
  const graph = compile('training step', (inputs: Tensors<WholeInputs>) => {
    const result = exchangePhases({ ...inputs, client: inputs.client.weights, server: inputs.server.weights });
    return { ...updateBoth(design, inputs, result), smashed: result.smashed, cutGradient: result.cutGradient };
  });
  return async (parties, lot, transport) => {
    const [batch] = lot.microbatches;
    if (!batch) return { parties, loss: 0 };
    const { examples: _, ...arrays } = batch;
    const inputs = { ...parties, ...arrays, clipNorm: clipNormOf(lot), ...gradientNoiseOf(design, lot) };
    const { smashed, cutGradient, ...updated } = await graph(inputs);
    const wire = transport(batch);
    wire.smashedData(smashed);
    wire.cutGradient(cutGradient);
    return stepResult(design, lot, updated);
  };
}

/** One message of the whole batch crosses the cut each way, as from `wholeStep`. */
function stepInMicrobatches(design: StepDesign) {
  const exchangeEach = compileEach('exchange', exchangeInGraph({ ...design, gradientRule: design.privacy?.rule }));
  type UpdateInputs = Parties & GradientNoise & { readonly terms: readonly Term[] };
  const update = compile('update', ({ terms, ...inputs }: Tensors<UpdateInputs>) => {
    const [clientState, serverState] = [inputs.client.weights.state, inputs.server.weights.state];
    return updateBoth(design, inputs, { ...sumOf(terms), clientState, serverState });
  });
  return async (parties: Parties, lot: Lot, wire: Transport): Promise<StepResult> => {
    const clipNorm = clipNormOf(lot);
    const inputsOf = (microbatch: Microbatch) => ({ ...exchangeInputs(parties, microbatch), clipNorm });
    const outputs = await exchangeEach(lot.microbatches.map(inputsOf));
    wire.smashedData(concatRows(outputs.map(({ smashed }) => smashed)));
    wire.cutGradient(concatRows(outputs.map(({ cutGradient }) => cutGradient)));
    const inputs = { ...parties, ...gradientNoiseOf(design, lot), terms: outputs.map(termOf) };
    return stepResult(design, lot, await update(inputs));
  };
}

type Updated = Parties & Pick<ExchangeOutputs, 'loss' | 'belowClip'>;

function stepResult(design: StepDesign, lot: Lot, { client, server, loss, belowClip }: Updated): StepResult {
  const clipNorm = nextClipNormOf(design, lot, { belowClip });
  return { parties: { client, server }, loss: loss.data[0] as number, clipNorm };
}

/** What a microbatch adds to the batch's loss, gradients and count. */
type Term = Pick<ExchangeOutputs, 'loss' | 'clientGradient' | 'serverGradient' | 'belowClip'>;

function termOf({ loss, clientGradient, serverGradient, belowClip }: ExchangeOutputs): Term {
  return { loss, clientGradient, serverGradient, belowClip };
}

function sumOf(terms: readonly Tensors<Term>[]): Tensors<Term> {
  const counts = terms.flatMap(({ belowClip }) => belowClip ?? []);
  return {
    loss: tf.addN(terms.map(({ loss }) => loss)),
    clientGradient: sumOfParams(terms.map(({ clientGradient }) => clientGradient)),
    serverGradient: sumOfParams(terms.map(({ serverGradient }) => serverGradient)),
    belowClip: counts.length > 0 ? tf.addN(counts) : undefined,
  };
}

function sumOfParams([first = [], ...others]: readonly Tensors<Params>[]): Tensors<Params> {
  return first.map((layer, index) =>
    Object.fromEntries(
      Object.entries(layer).map(([name, tensor]) => [
        name,
        tf.addN([tensor, ...others.map((params) => params[index]?.[name] as Tensor)]),
      ]),
    ),
  );
}

type Gradients = Term & Pick<ExchangeOutputs, 'clientState' | 'serverState'>;

function updateBoth(design: StepDesign, parties: Tensors<Parties & GradientNoise>, result: Tensors<Gradients>) {
  const learningRate = tf.scalar(design.learningRate);
  const gradient = noisyGradient(design.privacy, result.clientGradient, parties);
  const client = { gradient, state: result.clientState, learningRate };
  const server = { gradient: result.serverGradient, state: result.serverState, learningRate };
  return {
    loss: result.loss,
    belowClip: result.belowClip,
    client: applyUpdate(design.optimizer, parties.client, client),
    server: applyUpdate(design.optimizer, parties.server, server),
  };
}
