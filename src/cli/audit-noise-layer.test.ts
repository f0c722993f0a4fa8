/** `cutlayer audit mechanism pixeldp --input-norm`, as a user calls it. */

import { expect } from 'chai';
import type { SamplerAudit } from '../lab/audit/index.ts';
import { auditCommand } from './audit.ts';
import { jsonOf, refusalOf } from './testing/run-command.ts';

describe('audit mechanism pixeldp --input-norm', () => {
  const command = ['audit', 'mechanism', 'pixeldp', '--noise', 'gaussian', '--epsilon', '3', '--trials', '1000'];

  it('searches the pair in that norm, and holds it against a claim there', async () => {
    for (const [norm, name] of [
      ['l1', 'L1'],
      ['linf', 'L∞'],
    ] as const) {
      const { description, audit, claimed, check } = await jsonOf<SamplerAudit>(
        auditCommand,
        ...command,
        '--input-norm',
        norm,
      );
      expect(description).to.contain(`two inputs at ${name} distance 0.1, released`);
      expect(check.ok, norm).to.equal(true);
      expect(audit.epsilon).to.be.within(claimed / 4, claimed);
    }
  });

  it('refuses a norm that there is none of', async () => {
    expect(await refusalOf(auditCommand, ...command, '--input-norm', 'l3')).to.match(
      /--input-norm must be one of l1, l2, linf/,
    );
  });
});
