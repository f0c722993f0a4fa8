/** What carries messages from party to party, and counts their payload. */

import { valueCount } from '../arrays/tree.ts';
import type { Message } from '../contracts/message.ts';

const bytesPerValue = 4; // float32 values and int32 labels alike

/** Bytes of what a message carries, without addresses and framing. */
export function payloadBytes(message: Message): number {
  switch (message.kind) {
    case 'smashed-data':
      return bytesPerValue * (message.smashed.data.length + message.labels.length);
    case 'cut-gradient':
      return bytesPerValue * message.cutGradient.data.length;
    case 'global-model':
      return bytesPerValue * valueCount(message.weights);
    case 'client-update':
      return bytesPerValue * (valueCount(message.update) + (message.isBelowClip === undefined ? 0 : 1));
  }
}

export interface Wire {
  /** Delivers a message as it is, and counts it. */
  send<M extends Message>(message: M): M;
  /** Bytes from clients so far. */
  readonly bytesUp: number;
  /** Bytes to clients so far. */
  readonly bytesDown: number;
}

export function countingWire(onMessage?: (message: Message) => void): Wire {
  let bytesUp = 0;
  let bytesDown = 0;
  return {
    send(message) {
      if (message.from.startsWith('client-')) bytesUp += payloadBytes(message);
      else bytesDown += payloadBytes(message);
      onMessage?.(message);
      return message;
    },
    get bytesUp() {
      return bytesUp;
    },
    get bytesDown() {
      return bytesDown;
    },
  };
}
