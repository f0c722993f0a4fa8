/** Dealing the training examples to the clients. */

import type { PartitionConfig } from '../contracts/experiment.ts';
import type { Rng } from '../contracts/rng.ts';

/**
 * The indices of each client's examples. Every example goes to exactly one client, and every client has at least one.
 *
 * - `iid`: at random, in equal shares (they differ by at most one).
 * - `dirichlet`: each class is dealt in proportions drawn from Dirichlet(α, …, α) (Hsu et al. 2019): small α, few classes a client.
 * - `shards`: examples sorted by label, cut into clients · perClient shards, `perClient` of them to each (McMahan et al. 2017).
 *
 * @throws RangeError where there are fewer examples than clients (or shards).
 */
export function partition(labels: Uint8Array, clients: number, config: PartitionConfig, rng: Rng): Int32Array[] {
  requireEnough(labels.length, clients, 'clients');
  switch (config.name) {
    case 'iid':
      return cutEvenly(rng.permutation(labels.length), clients);
    case 'dirichlet':
      return dirichlet(labels, clients, config.alpha, rng);
    case 'shards':
      return shards(labels, clients, config.perClient, rng);
  }
}

function requireEnough(examples: number, parts: number, what: string): void {
  if (Number.isInteger(parts) && parts >= 1 && parts <= examples) return;
  throw new RangeError(
    `${what} must be between 1 and the number of training examples (${examples}), but are ${parts}.`,
  );
}

function cutEvenly(order: Int32Array, parts: number): Int32Array[] {
  return Array.from({ length: parts }, (_, part) =>
    order.slice(Math.round((part * order.length) / parts), Math.round(((part + 1) * order.length) / parts)),
  );
}

function dirichlet(labels: Uint8Array, clients: number, alpha: number, rng: Rng): Int32Array[] {
  if (!(alpha > 0)) throw new RangeError(`alpha must be positive, but is ${alpha}.`);
  const order = rng.permutation(labels.length);
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  const dealt: number[][] = Array.from({ length: clients }, () => []);
  for (const label of classes) {
    const members = order.filter((index) => labels[index] === label);
    const shares = dirichletDraw(clients, alpha, rng.fork(`class-${label}`));
    let start = 0;
    let cumulative = 0;
    shares.forEach((share, k) => {
      cumulative += share;
      const end = k === clients - 1 ? members.length : Math.round(cumulative * members.length);
      dealt[k]?.push(...members.subarray(start, end));
      start = end;
    });
  }
  fillEmpty(dealt);
  return dealt.map((indices, k) => shuffled(Int32Array.from(indices), rng.fork(`client-${k}`)));
}

/** A client without an example is given one of the largest client's. */
function fillEmpty(dealt: number[][]): void {
  for (const indices of dealt.filter((own) => own.length === 0)) {
    const largest = dealt.reduce((most, own) => (own.length > most.length ? own : most));
    const moved = largest.pop();
    if (moved !== undefined) indices.push(moved);
  }
}

function shards(labels: Uint8Array, clients: number, perClient: number, rng: Rng): Int32Array[] {
  requireEnough(labels.length, clients * perClient, 'clients × perClient shards');
  const sorted = rng.permutation(labels.length).sort((a, b) => (labels[a] as number) - (labels[b] as number));
  const pieces = cutEvenly(sorted, clients * perClient);
  const order = rng.fork('shards').permutation(pieces.length);
  return Array.from({ length: clients }, (_, k) => {
    const own = [...order.subarray(k * perClient, (k + 1) * perClient)];
    return shuffled(Int32Array.from(own.flatMap((piece) => [...(pieces[piece] ?? [])])), rng.fork(`client-${k}`));
  });
}

function shuffled(indices: Int32Array, rng: Rng): Int32Array {
  return rng.permutation(indices.length).map((position) => indices[position] as number);
}

/** Gammas divided by their sum, in log space: for small α they are smaller than any number. */
function dirichletDraw(count: number, alpha: number, rng: Rng): number[] {
  const logs = Array.from({ length: count }, () => logGammaDraw(alpha, rng));
  const most = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - most));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** ln of a draw from Gamma(α, 1): Marsaglia and Tsang 2000 for α + 1, times u^(1/α). */
function logGammaDraw(alpha: number, rng: Rng): number {
  const d = alpha + 1 - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const z = rng.normal(1)[0] as number;
    const v = (1 + c * z) ** 3;
    if (v > 0 && Math.log(1 - rng.next()) < 0.5 * z * z + d - d * v + d * Math.log(v)) {
      return Math.log(d * v) + Math.log(1 - rng.next()) / alpha;
    }
  }
}
