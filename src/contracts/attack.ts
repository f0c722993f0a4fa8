/**
 * An attack states its threat model and is handed that view and nothing else.
 * No type here holds a victim's input: the truth exists in the lab and the metrics only.
 */

import type { NdArray } from './array.ts';
import type { Dataset } from './dataset.ts';
import type { GradientRule } from './defense.ts';
import type { Model, Params } from './model.ts';
import type { CatalogueEntry, OptionValues } from './options.ts';
import type { Rng } from './rng.ts';

/** What one exchange shows to each adversary. Gradients are of the mean loss, as the client would send them: defended. */
export interface Views {
  /** The federated server: the whole model and the client's whole gradient. */
  readonly server: { readonly params: Params; readonly gradient: Params };
  /** The main server: what crosses the cut, and its own part. */
  readonly 'main-server': {
    readonly smashed: NdArray;
    readonly labels: Int32Array;
    readonly serverParams: Params;
    readonly serverGradient: Params;
  };
  /** The fed server: the client part and the client's gradient of it. */
  readonly 'fed-server': { readonly clientParams: Params; readonly clientGradient: Params };
  /** Main server and fed server colluding. */
  readonly servers: Views['main-server'] & Views['fed-server'];
}

export type ViewName = keyof Views;

/** A batch of victims: chosen training examples of one client, sent through one exchange, `releases` times with fresh noise. */
export interface Observation<V extends ViewName> {
  readonly view: V;
  /** 1 is the start of training; `end` is the trained model. */
  readonly round: number | 'end';
  /** Examples in the batch. */
  readonly batchSize: number;
  readonly releases: readonly Views[V][];
}

/** What the attacker knows besides what is public, by name. */
export interface Secrets {
  /** The client part's parameters at the time of the observation (one colluding client has them). */
  readonly clientParams: Params;
  /** The server part's parameters at that time (a colluding main server has them). */
  readonly serverParams: Params;
  /** Examples of the attacker's own, from the same distribution; none is a training example. */
  readonly auxiliary: Dataset;
}

/** What everybody knows: architecture with the defenses in it (not their noise), and the rules of training. */
export interface PublicKnowledge {
  readonly model: Model;
  readonly cut: number;
  readonly gradientRule: GradientRule | undefined;
  /** Public normaliser of the gradient sum under a gradient rule; the batch's own size otherwise. */
  readonly normaliser: number;
}

export type Knowledge<S extends keyof Secrets> = PublicKnowledge & Pick<Secrets, S>;

/** A list of all of the names, in any order: whoever reads a secret has to say so, since one left out is a type error. */
export type AllOf<Name, Left = Name> = [Left] extends [never]
  ? readonly []
  : Left extends Name
    ? readonly [Left, ...AllOf<Exclude<Name, Left>>]
    : never;

export interface ThreatModel<V extends ViewName, S extends keyof Secrets> {
  readonly view: V;
  readonly conduct: 'honest-but-curious' | 'malicious';
  readonly knows: AllOf<S>;
}

/** What the lab is to record for an attack. */
export interface ProbeRequest {
  readonly round: number | 'end';
  /** Victims are the first training examples of client 0. */
  readonly victims: number;
  /** Examples in one batch; the last batch may be smaller. */
  readonly batch: number;
  readonly releases: number;
  /** Examples of the attacker's own; 0 where it needs none. */
  readonly auxiliary: number;
}

export interface AttackTools {
  readonly rng: Rng;
  /** Share of the work done, in [0, 1]. */
  readonly progress: (share: number) => void;
}

/** Where an attack's own objective stood at a step of its search. */
export interface SearchPoint {
  /** From 1, rising. */
  readonly step: number;
  readonly objective: number;
}

/** One entry an observation, in its order; examples within a batch may come in any order. */
export interface Reconstruction {
  /** `[batch, height, width, channels]`, in [0, 1]. */
  readonly images?: NdArray;
  readonly labels?: Int32Array;
  /** The attack's own objective at what it chose. */
  readonly objective: number;
  /** How it came there: of the start that was chosen, at no more steps than a chart can show. */
  readonly path?: readonly SearchPoint[];
}

export interface Attack<V extends ViewName = ViewName, S extends keyof Secrets = keyof Secrets> {
  readonly name: string;
  readonly threatModel: ThreatModel<V, S>;
  readonly probe: ProbeRequest;
  run(
    observations: readonly Observation<V>[],
    knowledge: Knowledge<S>,
    tools: AttackTools,
  ): Promise<readonly Reconstruction[]>;
}

/** Any attack with this view, whatever it knows: for the lab, which hands it exactly what `threatModel` names. */
export interface AttackOnView<V extends ViewName> extends Omit<Attack<V>, 'threatModel'> {
  readonly threatModel: Omit<ThreatModel<V, never>, 'knows'> & { readonly knows: readonly (keyof Secrets)[] };
}

/** An attack whose view is known only at run time. */
export type AnyAttack = { [V in ViewName]: AttackOnView<V> }[ViewName];

export interface AttackEntry extends CatalogueEntry {
  /** The view it takes where the configuration names none. */
  defaultView(site: { readonly hasServer: boolean }): ViewName;
  readonly views: readonly ViewName[];
  /** Throws a RangeError that says what is allowed. */
  create(options: OptionValues, view: ViewName): AnyAttack;
}
