/** A view is what some party sees, so there must be that party where an attacker is to take it. */

import type { AttackEntry, ViewName } from '../contracts/attack.ts';
import type { TrainerName } from '../contracts/experiment.ts';
import { protocolOf, protocols } from '../training/protocol.ts';

/** @throws RangeError for a view that the trainer does not offer, with those that it does, and what to take instead. */
export function requireOffered(
  view: ViewName,
  trainer: TrainerName,
  attack: Pick<AttackEntry, 'name' | 'views'>,
): void {
  const { views } = protocolOf(trainer);
  if (views.includes(view)) return;
  const offer = views.length > 0 ? `it offers ${views.join(', ')}` : 'it offers no view, since nothing is sent';
  const missing = `view "${view}" is of a party that trainer "${trainer}" does not have; ${offer}.`;
  throw new RangeError(`${missing} ${remedy(views, attack)}`);
}

function remedy(offered: readonly ViewName[], { name, views }: Pick<AttackEntry, 'name' | 'views'>): string {
  const common = views.filter((view) => offered.includes(view));
  if (common.length > 0) return `Attack "${name}" can take ${common.join(' or ')}.`;
  const trainers = protocols.filter((protocol) => protocol.views.some((view) => views.includes(view)));
  return `Attack "${name}" needs one of ${views.join(', ')}: take trainer ${trainers.map((own) => own.name).join(' or ')}.`;
}
