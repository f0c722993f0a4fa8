/**
 * The analytic cost of communication, SplitFed Table 2 (Thapa et al., AAAI 2022): values sent in one global epoch
 * (one round; the paper has one local epoch a round), with p examples in all on K clients, q values of smashed data an
 * example, |W| parameters, and β|W| of them on the client.
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
}

export interface CostRow {
  readonly trainer: TrainerName;
  /** Values to and from one client; the mean where clients have unequal shares. */
  readonly valuesPerClient: number;
  readonly valuesTotal: number;
  /** Payload of the messages as they are sent: 4 bytes a value, and 4 for each label. */
  readonly bytesTotal: number;
}

/** One row for every trainer. */
export function analyticCost(setting: CostSetting): CostRow[] {
  return protocols.map((protocol) => {
    const valuesTotal = protocol.isCentral ? 0 : valuesSent(setting, protocol.hasServer);
    const labels = protocol.hasServer ? setting.examples * setting.localEpochs : 0;
    return {
      trainer: protocol.name,
      valuesPerClient: valuesTotal / setting.clients,
      valuesTotal,
      bytesTotal: 4 * (valuesTotal + labels),
    };
  });
}

function valuesSent(setting: CostSetting, hasServer: boolean): number {
  const { examples, clients, smashedValues, parameters, clientParameters, localEpochs } = setting;
  if (!hasServer) return 2 * clients * parameters;
  return 2 * examples * localEpochs * smashedValues + 2 * clientParameters * clients;
}
