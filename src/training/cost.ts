/**
 * The analytic cost of communication, SplitFed Table 2 (Thapa et al., AAAI 2022): values sent in one global epoch
 * (one round; the paper has one local epoch a round), with p examples in all on K clients, q values of smashed data an
 * example, |W| parameters, and β|W| of them on the client. Where m of the K clients take part in a round, the figures are
 * means over who does: m in place of K, and p · m/K examples.
 */

import type { TrainerName } from '../contracts/experiment.ts';
import { protocols } from './protocol.ts';

export interface CostSetting {
  /** p: examples of all clients together. */
  readonly examples: number;
  /** K. */
  readonly clients: number;
  /** q: values of smashed data for one example. */
  readonly smashedValues: number;
  /** |W|. */
  readonly parameters: number;
  /** β|W|. */
  readonly clientParameters: number;
  readonly localEpochs: number;
  /** m: clients in a round; all of them where left out. */
  readonly participants?: number;
}

export interface CostRow {
  readonly trainer: TrainerName;
  /** Values to and from one client that takes part; the mean where clients have unequal shares. */
  readonly valuesPerClient: number;
  readonly valuesTotal: number;
  /** Payload of the messages as they are sent: 4 bytes a value, and 4 for each label. */
  readonly bytesTotal: number;
}

/** One row for every trainer. */
export function analyticCost(setting: CostSetting): CostRow[] {
  const { participants = setting.clients } = setting;
  const examples = (setting.examples * participants) / setting.clients;
  const round = { ...setting, examples, participants };
  return protocols.map((protocol) => {
    const valuesTotal = protocol.isCentral ? 0 : valuesSent(round, protocol.hasServer);
    const labels = protocol.hasServer ? examples * setting.localEpochs : 0;
    return {
      trainer: protocol.name,
      valuesPerClient: valuesTotal / participants,
      valuesTotal,
      bytesTotal: 4 * (valuesTotal + labels),
    };
  });
}

/** @param round Only what takes part in it. */
function valuesSent(round: Required<CostSetting>, hasServer: boolean): number {
  const { examples, participants, smashedValues, parameters, clientParameters, localEpochs } = round;
  if (!hasServer) return 2 * participants * parameters;
  return 2 * examples * localEpochs * smashedValues + 2 * clientParameters * participants;
}
