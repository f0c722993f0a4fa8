import { expect } from 'chai';
import { experimentReference } from '../../lab/config/reference.ts';
import { catalogues } from '../catalogues.ts';
import { runCli } from '../testing/run-cli.ts';

describe('cutlayer show experiment', () => {
  it('prints every key of the schema with what is allowed, its default and a sentence', async () => {
    const { status, stdout } = await runCli('show', 'experiment');
    expect(status).to.equal(0);
    for (const { path, description } of experimentReference(catalogues)) {
      expect(stdout).to.include(`\n${path}`).and.include(`    ${description}\n`);
    }
    expect(stdout)
      .to.include('trainer.partition.alpha (of dirichlet): a number above 0; default 0.5\n')
      .and.include('data.name: one of mnist, fashion-mnist, idx; required\n')
      .and.match(/an entry of a list its number from 0:\n.*attacks\.0\.victims/);
  });

  it('answers with the same as one JSON document', async () => {
    const { stdout } = await runCli('show', 'experiment', '--json');
    const { keys } = JSON.parse(stdout) as { keys: unknown };
    expect(keys).to.deep.equal(JSON.parse(JSON.stringify(experimentReference(catalogues))));
  });
});
