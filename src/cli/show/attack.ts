/** What an attack is shown, what it knows, and what it asks the lab to record, at its default options. */

import { counted } from '../../arrays/counted.ts';
import type { AnyAttack, AttackEntry, ProbeRequest, ViewName } from '../../contracts/attack.ts';
import { protocolOf } from '../../training/protocol.ts';
import { defaultsOf } from './defaults.ts';
import type { Details } from './description.ts';

const viewMeanings: Readonly<Record<ViewName, string>> = {
  server: 'the federated server: the whole model and whole gradients',
  'main-server': 'the main server: smashed data, labels, its own parameters and gradients',
  'fed-server': 'the fed server: the client part and its gradients',
  servers: 'main server and fed server colluding (trainer split: the main server, which is both)',
};

const secretMeanings = {
  clientParams: 'the client part’s parameters (one colluding client)',
  serverParams: 'the server part’s parameters (a lending main server)',
  auxiliary: 'examples of its own from the same distribution, none of them a training example',
} as const;

export function attackDetails(entry: AttackEntry): Details {
  const split = entry.defaultView({ hasServer: true });
  const federated = protocolOf('federated').views.find((view) => view === entry.defaultView({ hasServer: false }));
  const defaultView = { split, federated: federated ?? null };
  const views = entry.views.map((view) => viewOf(entry, view));
  const { probe } = created(entry, split);
  return {
    document: { threatModel: { defaultView, views }, probe },
    lines: [
      '',
      'Threat model:',
      `  view by default   ${split} (split trainers), ${federated ?? 'none: it has nothing to see'} (federated)`,
      ...views.flatMap(viewLines),
      '  and to everybody: the architecture with the defenses in it (not their noise), and the rules of training',
      '',
      `Recorded for it: ${probeSentence(probe)}.`,
    ],
  };
}

function created(entry: AttackEntry, view: ViewName): AnyAttack {
  return entry.create(defaultsOf(entry), view);
}

function viewOf(entry: AttackEntry, view: ViewName) {
  const { conduct, knows } = created(entry, view).threatModel;
  return { view, sees: viewMeanings[view], conduct, knows };
}

function viewLines({ view, sees, conduct, knows }: ReturnType<typeof viewOf>): string[] {
  const known = knows.map((secret) => `    knows             ${secretMeanings[secret]}`);
  return [`  view ${view.padEnd(12)} ${sees}`, `    conduct           ${conduct}`, ...known];
}

function probeSentence({ round, victims, batch, releases, auxiliary }: ProbeRequest): string {
  const when = round === 'end' ? 'of the trained model' : `at the start of round ${round}`;
  const each = batch === 1 ? 'one by one' : `${batch} in one batch`;
  const own = auxiliary === 0 ? '' : `; ${counted(auxiliary, 'example')} of its own`;
  return `${counted(victims, 'training image')} of client 0, ${each}, ${when}, releases of each: ${releases}${own}`;
}
