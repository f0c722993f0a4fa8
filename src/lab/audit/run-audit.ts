/** The audit that a run carries: its own mechanisms, run many times, held against what is claimed of one release. */

import type { AuditConfig, AuditRecord } from '../../contracts/experiment.ts';
import type { Weights } from '../../contracts/model.ts';
import type { Setup } from '../setup.ts';
import { auditSampler, type MechanismSampler } from './audit-sampler.ts';
import { dpSgdStepSampler } from './dp-sgd-step.ts';
import { noiseLayerSampler } from './noise-layer.ts';

/**
 * One record for each mechanism of the run: the noise layer with the trained weights, at `ledger.distance`, and one DP-SGD step
 * for a record that is in the lot. None where nothing is claimed.
 */
export async function auditRun(setup: Setup, trained: Weights, config: AuditConfig): Promise<AuditRecord[]> {
  const { trials, ...level } = config;
  const rng = setup.rng.fork('audit');
  const records: AuditRecord[] = [];
  for (const sampler of await samplersOf(setup, trained)) {
    const { description, claimed, audit, check, gaussian } = await auditSampler(sampler, {
      ...level,
      trials,
      rng: rng.fork(sampler.description),
    });
    // Under the mechanism's own family more can be shown with as many trials; both must agree with the claim.
    const epsilon = gaussian ? Math.max(audit.epsilon, gaussian.audit.epsilon) : audit.epsilon;
    const ok = check.ok && (gaussian?.check.ok ?? true);
    records.push({ mechanism: description, claimed, epsilon, ...level, ok });
  }
  return records;
}

async function samplersOf(setup: Setup, weights: Weights): Promise<MechanismSampler[]> {
  const { config, model, cut, defenses, gradientRule, rng } = setup;
  const { distance } = config.ledger;
  const releasing = defenses.find((defense) => defense.activationRelease);
  const claim = releasing?.activationRelease?.(distance);
  const samplers: MechanismSampler[] = [];
  if (claim && claim.kind !== 'non-private') {
    const layers = model.layers.slice(0, cut);
    const { inputShape } = model;
    const inputs = { inputShape, distance, inputNorm: releasing?.activationNorm };
    samplers.push(await noiseLayerSampler({ layers, weights, claim, ...inputs, rng: rng.fork('audit pair') }));
  }
  if (gradientRule && gradientRule.noiseMultiplier > 0)
    samplers.push(dpSgdStepSampler({ ...gradientRule, samplingRate: 1 }));
  return samplers;
}
