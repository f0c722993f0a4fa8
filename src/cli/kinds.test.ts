import { expect } from 'chai';
import { runCli } from './testing/run-cli.ts';

describe('kinds on the command line', () => {
  it('are understood in singular and plural', async () => {
    const pairs = [
      ['list attack', 'list attacks'],
      ['list dataset', 'list datasets'],
      ['show attacks deep-leakage', 'show attack deep-leakage'],
      ['show trainers split', 'show trainer split'],
    ] as const;
    for (const [given, usual] of pairs) {
      const { status, stdout } = await runCli(...given.split(' '));
      expect(status, given).to.equal(0);
      expect(stdout).to.equal((await runCli(...usual.split(' '))).stdout);
    }
  });
});
