/** `cutlayer certify`, as a user calls it. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Certificate } from '../accounting/index.ts';
import { certifyCommand } from './certify.ts';
import { jsonOf, refusalOf, runCommand } from './testing/run-command.ts';

const pixeldp = ['--epsilon', '1', '--delta', '0.05', '--distance', '0.1', '--calibration', 'classic'];
const votes = ['certify', '--counts', '1950,30,20'];

describe('certify', () => {
  it('gives the radius of counts, the same by calibration and by scale, whatever Δ', async () => {
    const byCalibration = await jsonOf<Certificate>(certifyCommand, ...votes, ...pixeldp, '--sensitivity', '3');
    const scale = ['--scale', String(2 * 0.1 * Math.sqrt(2 * Math.log(25))), '--sensitivity', '2'];
    const byScale = await jsonOf<Certificate>(certifyCommand, ...votes, ...scale);
    expect(byCalibration.radii.tight).to.be.closeTo(byScale.radii.tight, 1e-12);
    // η/2K each where the table of PixelDP has η/K: a little below its .1353, .3210 and .4880.
    expect(byScale.radii.classic).to.be.within(0.13, 0.1353);
    expect(byScale.radii.pixeldp).to.be.within(0.31, 0.321);
    expect(byScale.radius).to.be.within(0.47, 0.488);
  });

  it('takes a selection sample, and Laplace noise in L1', async () => {
    const answer = await jsonOf<Certificate>(
      certifyCommand,
      ...votes,
      ...['--selection', '90,8,2', '--noise', 'laplace', '--epsilon', '1'],
    );
    expect(answer.norm).to.equal('l1');
    expect(answer.othersAtMost).to.be.closeTo(1 - answer.topAtLeast, 1e-15);
  });

  it('gives the radius in the norm that Δ starts from', async () => {
    const given = [...votes, '--scale', '0.5', '--sensitivity', '2'];
    const plain = await jsonOf<Certificate>(certifyCommand, ...given);
    for (const norm of ['l1', 'linf']) {
      const answer = await jsonOf<Certificate>(certifyCommand, ...given, '--input-norm', norm);
      expect(answer).to.deep.include({ norm, radius: plain.radius });
    }
    expect(await runCommand(certifyCommand, ...given, '--input-norm', 'linf')).to.match(/Certified radius .* in L∞/);
  });

  it('says in words what a certificate is and is not, and when it abstains', async () => {
    expect(await runCommand(certifyCommand, ...votes, '--scale', '1')).to.match(
      /Certified radius .* in L2.*probability 0\.95.*no statement about the privacy/s,
    );
    expect(await runCommand(certifyCommand, 'certify', '--counts', '51,49', '--scale', '1')).to.match(/^Abstains/);
  });

  it('reads many examples and gives certified accuracy', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'certify-'));
    const file = join(folder, 'votes.json');
    try {
      const examples = [
        { counts: [990, 10], label: 0 },
        { counts: [990, 10], label: 1 },
        { counts: [505, 495], label: 0 },
        { draws: 1000, sums: [30, 970], squares: [10, 950], label: 1 },
      ];
      writeFileSync(file, JSON.stringify(examples));
      const answer = await jsonOf<{ certifiedAccuracy: unknown; certificates: Certificate[] }>(
        certifyCommand,
        ...['certify', '--file', file, '--scale', '1', '--radii', '0,1e3'],
      );
      expect(answer.certificates.map(({ abstains }) => abstains)).to.deep.equal([false, false, true, false]);
      expect(answer.certifiedAccuracy).to.deep.equal([
        { radius: 0, accuracy: 0.5 },
        { radius: 1000, accuracy: 0 },
      ]);
      writeFileSync(file, JSON.stringify([{ counts: [1, 'many'] }]));
      const refusal = await refusalOf(certifyCommand, 'certify', '--file', file, '--scale', '1');
      expect(refusal.name).to.equal('UsageError');
      expect(refusal.message).to.match(/votes\.json.*entry 0/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses what says too little or too much, and counts that are none, as usage errors', async () => {
    for (const [args, reason] of [
      [[...votes], /either --scale or --epsilon/],
      [[...votes, '--scale', '1', '--epsilon', '1'], /both were/],
      [['certify', '--scale', '1'], /either --counts or --file/],
      [['certify', '--counts', '10,x', '--scale', '1'], /--counts must be numbers.*"10,x"/],
      [['certify', '--counts', '10', '--scale', '1'], /at least 2 classes/],
      [[...votes, '--scale', '0'], /scale must be a positive number/],
      [[...votes, '--scale', '1', '--eta', '2'], /eta must be between 0 and 1/],
      [['certify', '--file', 'missing.json', '--scale', '1'], /--file must be a JSON file/],
    ] as const) {
      const refusal = await refusalOf(certifyCommand, ...args);
      expect(refusal.name, args.join(' ')).to.equal('UsageError');
      expect(refusal.message).to.match(reason);
    }
  });
});
