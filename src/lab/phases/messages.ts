/** What the parties sent each other in chosen rounds of the training, message by message, in the order in which it was sent. */

import type { ClientUpdate, CutGradient, GlobalModel, Message, Party, SmashedData } from '../../contracts/message.ts';

export interface RecordedRound {
  readonly round: number;
  readonly messages: readonly Message[];
}

export interface MessageRecorder {
  beginRound(round: number): void;
  hear(message: Message): void;
  recorded(): readonly RecordedRound[];
}

export function messageRecorder(rounds: readonly number[]): MessageRecorder {
  const all: { readonly round: number; readonly messages: Message[] }[] = [];
  let current: Message[] | undefined;
  return {
    beginRound(round) {
      current = rounds.includes(round) ? [] : undefined;
      if (current) all.push({ round, messages: current });
    },
    hear: (message) => void current?.push(message),
    recorded: () => all,
  };
}

/** What each kind of party is sent; in split learning the main server hands on the client part, and is sent its updates. */
export type MessageTo<P extends Party> = P extends 'main-server'
  ? SmashedData | ClientUpdate
  : P extends 'fed-server'
    ? ClientUpdate
    : CutGradient | GlobalModel;

/** The view of one party: all that it was sent, from whichever client. */
export function sentTo<P extends Party>(party: P, { messages }: RecordedRound): readonly MessageTo<P>[] {
  return messages.filter(({ to }) => to === party) as unknown as readonly MessageTo<P>[];
}
