/** What a compiled function's body becomes for one set of input shapes and constants. */

import type { Tree } from '../contracts/array.ts';
import { type Constants, withConstants } from './constants.ts';
import type { FlatFunction } from './engine.ts';
import { explained } from './explain.ts';
import { flattenOutputs, type Slot, unflatten } from './ports.ts';

/** Takes a tree of tensors to a tree of tensors. */
export type Body = (inputs: unknown) => unknown;

export interface Version<Run = unknown> {
  readonly run: Run;
  /** Structure of the outputs as the body last returned them. */
  readonly outputs: () => Tree<Slot>;
}

export interface VersionRequest {
  readonly name: string;
  readonly body: Body;
  /** Structure of the inputs. What is kept must not keep the arrays of the first call. */
  readonly inputs: Tree<Slot>;
  readonly constants: Constants;
}

/** @param make Builds it on an engine. */
export async function buildVersion<Run>(
  request: VersionRequest,
  make: (fn: FlatFunction) => Promise<Run>,
): Promise<Version<Run>> {
  const last: LastOutputs = { structure: undefined };
  const run = await make({ name: request.name, body: flatBody(request, last) });
  return { run, outputs: () => last.structure };
}

interface LastOutputs {
  structure: Tree<Slot>;
}

/** Apart from where `outputs` is made: closures of one call keep what any of them needs, and that one must not keep the constants. */
function flatBody({ name, body, inputs, constants }: VersionRequest, last: LastOutputs): FlatFunction['body'] {
  return (tensors) => {
    try {
      const { structure, leaves } = flattenOutputs(name, body(unflatten(inputs, withConstants(tensors, constants))));
      last.structure = structure;
      return leaves;
    } catch (error) {
      throw explained(name, error);
    }
  };
}
