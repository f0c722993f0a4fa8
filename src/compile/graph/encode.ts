/** Writes a part of a graph as an ONNX model. */

import onnxProto from 'onnx-proto';
import type { Shape } from '../../contracts/array.ts';
import { type Attribute, blocked, type ElementType, type GraphNode, type Initializer, microsoft } from './graph.ts';
import type { GraphPart } from './part.ts';

export interface Port {
  readonly name: string;
  /** `undefined`: for the runtime to find out. */
  readonly shape: Shape | undefined;
}

export interface EncodedModel {
  readonly bytes: Uint8Array;
  /** Of each input that was offered: whether an output needs it. Only those are declared. */
  readonly needed: readonly boolean[];
  readonly nodeCount: number;
}

const { onnx } = onnxProto; // CommonJS: it has no named exports

const elementTypes: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };
const attributeType = { float: 1, int: 2, string: 3, ints: 7 } as const;
const irVersion = 9;
const opsets = [
  { domain: '', version: 18 },
  { domain: microsoft, version: 1 },
];

/** @param inputs float32 inputs. @param outputs float32 outputs, each the output of a node of its own. */
export function encodeModel(
  { nodes, initializers }: GraphPart,
  inputs: readonly Port[],
  outputs: readonly Port[],
): EncodedModel {
  const names = new Set(nodes.flatMap((node) => node.inputs));
  const ports = inputs.filter(({ name }) => names.has(name));
  const model = {
    irVersion,
    opsetImport: nodes.some(({ domain }) => domain === blocked) ? [...opsets, { domain: blocked, version: 1 }] : opsets,
    graph: {
      name: 'cutlayer',
      node: nodes.map(encodeNode),
      initializer: initializers.filter(({ name }) => names.has(name)).map(encodeInitializer),
      input: ports.map(encodePort),
      output: outputs.map(encodePort),
    },
  };
  const bytes = onnx.ModelProto.encode(model as unknown as onnxProto.onnx.IModelProto).finish();
  return { bytes, needed: inputs.map(({ name }) => names.has(name)), nodeCount: nodes.length };
}

function encodeNode({ op, domain, inputs, outputs, attributes }: GraphNode): object {
  const attribute = Object.entries(attributes).map(([name, value]) => ({ name, ...encodeAttribute(value) }));
  return { opType: op, domain, name: `${op}_${outputs[0]}`, input: inputs, output: outputs, attribute };
}

function encodeAttribute(value: Attribute): object {
  if (typeof value === 'number') return { type: attributeType.int, i: value };
  if (typeof value === 'string') return { type: attributeType.string, s: new TextEncoder().encode(value) };
  if ('float' in value) return { type: attributeType.float, f: value.float };
  return { type: attributeType.ints, ints: value };
}

function encodeInitializer({ name, type, shape, bytes }: Initializer): object {
  return { name, dataType: elementTypes[type], dims: shape, rawData: bytes };
}

function encodePort({ name, shape }: Port): object {
  const dims = shape && { shape: { dim: shape.map((size) => ({ dimValue: size })) } };
  return { name, type: { tensorType: { elemType: elementTypes.float32, ...dims } } };
}
