/** Who owns which part under a trainer, what is averaged, and what its servers see. */

import type { Protocol } from '../../training/protocol.ts';
import type { Details } from './description.ts';

export function trainerDetails({ hasServer, isCentral, clientPart, serverPart, order, views }: Protocol): Details {
  return {
    document: { hasServer, isCentral, clientPart, serverPart: hasServer ? serverPart : null, order, views },
    lines: [
      '',
      ...partLines({ hasServer, isCentral, clientPart }),
      ...serverLines({ hasServer, serverPart, order }),
      `Views for attackers: ${views.join(', ') || 'none, since nothing is sent'}.`,
    ],
  };
}

function partLines({ hasServer, isCentral, clientPart }: Pick<Protocol, 'hasServer' | 'isCentral' | 'clientPart'>) {
  if (isCentral) return ['Whole model in one place; clients, partition, participation and the cut are ignored.'];
  const what = hasServer ? 'Client part' : 'Whole model (the cut is ignored)';
  const how =
    clientPart === 'averaged'
      ? 'one for each client, averaged by the fed server every round'
      : 'one, handed from client to client';
  return [`${what}: ${how}.`];
}

function serverLines({ hasServer, serverPart, order }: Pick<Protocol, 'hasServer' | 'serverPart' | 'order'>): string[] {
  if (!hasServer) return [];
  const how =
    serverPart === 'averaged' ? 'a copy for each client, averaged every round' : 'one, updated at every batch';
  return [`Server part: ${how}.`, `Order of clients: ${order === 'random' ? 'random every round' : 'as numbered'}.`];
}
