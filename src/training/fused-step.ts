/** A training step without messages really sent: one graph for a batch, or a graph for each of its microbatches and one for the update. */

import { concatRows } from '../arrays/ndarray.ts';
import { compile, compileEach, threadsForEach } from '../compile/compile.ts';
import { type Tensor, tf } from '../compile/tf.ts';
import type { Tensors } from '../contracts/array.ts';
import type { Params } from '../contracts/model.ts';
import { type ExchangeInputs, type ExchangeOutputs, exchangeInGraph, type Transport } from './exchange.ts';
import { exchangeInputs, microbatchesOf, microbatchSizeOf } from './microbatches.ts';
import { clipNormOf, gradientNoiseOf, nextClipNormOf } from './private-step.ts';
import type { Microbatch, Parties, Step, StepDesign, StepResult } from './step.ts';
import { applyUpdate, type GradientNoise, noisyGradient } from './update.ts';

/** Without privacy: what a lot trains on is its one batch. */
export function fusedStep(design: StepDesign): Step {
  const [whole, inMicrobatches, sizeOf] = [wholeStep(design), stepInMicrobatches(design), microbatchSizeOf(design)];
  return async (parties, lot, transport) => {
    const [batch] = lot.microbatches;
    const size = batch && sizeOf(parties, { examples: batch.examples, threads: await threadsForEach() });
    return size
      ? inMicrobatches(parties, microbatchesOf(batch, size), transport(batch))
      : whole(parties, lot, transport);
  };
}

type WholeInputs = Parties & Omit<Microbatch, 'examples'> & Pick<ExchangeInputs, 'clipNorm'> & GradientNoise;

/** Of a lot of one microbatch, or of none. */
export function wholeStep(design: StepDesign): Step {
  const exchangePhases = exchangeInGraph({ ...design, gradientRule: design.privacy?.rule });
  const graph = compile('training step', (inputs: Tensors<WholeInputs>) => {
    const result = exchangePhases({ ...inputs, client: inputs.client.weights, server: inputs.server.weights });
    const { smashed, cutGradient, belowClip } = result;
    return { ...updateBoth(design, inputs, result), smashed, cutGradient, belowClip };
  });
  return async (parties, lot, transport) => {
    const [batch] = lot.microbatches;
    if (!batch) return { parties, loss: 0 };
    const { examples: _, ...arrays } = batch;
    const inputs = { ...parties, ...arrays, clipNorm: clipNormOf(lot), ...gradientNoiseOf(design, lot) };
    const { client, server, loss, smashed, cutGradient, belowClip } = await graph(inputs);
    const wire = transport(batch);
    wire.smashedData(smashed);
    wire.cutGradient(cutGradient);
    const clipNorm = nextClipNormOf(design, lot, { belowClip });
    return { parties: { client, server }, loss: loss.data[0] as number, clipNorm };
  };
}

/** One message of the whole batch crosses the cut each way, as from `wholeStep`. */
function stepInMicrobatches(design: StepDesign) {
  const exchangeEach = compileEach('exchange', exchangeInGraph(design));
  const update = compile('update', ({ parties, terms }: Tensors<{ parties: Parties; terms: readonly Term[] }>) => {
    const { weights: client } = parties.client;
    const { weights: server } = parties.server;
    return updateBoth(design, parties, { ...sumOf(terms), clientState: client.state, serverState: server.state });
  });
  return async (parties: Parties, microbatches: readonly Microbatch[], wire: Transport): Promise<StepResult> => {
    const outputs = await exchangeEach(microbatches.map((microbatch) => exchangeInputs(parties, microbatch)));
    wire.smashedData(concatRows(outputs.map(({ smashed }) => smashed)));
    wire.cutGradient(concatRows(outputs.map(({ cutGradient }) => cutGradient)));
    const { client, server, loss } = await update({ parties, terms: outputs.map(termOf) });
    return { parties: { client, server }, loss: loss.data[0] as number };
  };
}

/** What a microbatch adds to the batch's loss and gradients. */
type Term = Pick<ExchangeOutputs, 'loss' | 'clientGradient' | 'serverGradient'>;

function termOf({ loss, clientGradient, serverGradient }: ExchangeOutputs): Term {
  return { loss, clientGradient, serverGradient };
}

function sumOf(terms: readonly Tensors<Term>[]): Tensors<Term> {
  return {
    loss: tf.addN(terms.map(({ loss }) => loss)),
    clientGradient: sumOfParams(terms.map(({ clientGradient }) => clientGradient)),
    serverGradient: sumOfParams(terms.map(({ serverGradient }) => serverGradient)),
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

type Gradients = Pick<ExchangeOutputs, 'loss' | 'clientGradient' | 'serverGradient' | 'clientState' | 'serverState'>;

function updateBoth(design: StepDesign, parties: Tensors<Parties & GradientNoise>, result: Tensors<Gradients>) {
  const learningRate = tf.scalar(design.learningRate);
  const gradient = noisyGradient(design.privacy, result.clientGradient, parties);
  const client = { gradient, state: result.clientState, learningRate };
  const server = { gradient: result.serverGradient, state: result.serverState, learningRate };
  return {
    loss: result.loss,
    client: applyUpdate(design.optimizer, parties.client, client),
    server: applyUpdate(design.optimizer, parties.server, server),
  };
}
