import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { computingProcess } from './computing-process.ts';

describe('computingProcess', () => {
  it('keeps freed memory, in sizes that glibc takes', () => {
    const { MALLOC_MMAP_THRESHOLD_: mapped, MALLOC_TRIM_THRESHOLD_: kept } = computingProcess({
      env: {},
      execArgv: [],
    }).env;
    expect(Number(mapped)).to.be.within(2 ** 22, 2 ** 25); // it takes no greater one
    expect(Number(kept)).to.be.at.least(Number(mapped));
  });

  it('leaves what is set already, and everything else', () => {
    const own = { PATH: '/bin', MALLOC_TRIM_THRESHOLD_: '1000' };
    const { env, execArgv } = computingProcess({ env: own, execArgv: ['--max-semi-space-size=16'] });
    expect(env).to.include(own);
    expect(execArgv.at(-1)).to.equal('--max-semi-space-size=16'); // of several V8 takes the last
  });

  it('leaves what NODE_OPTIONS says', () => {
    for (const NODE_OPTIONS of ['--max-semi-space-size=64', '--max_semi_space_size=64']) {
      const { execArgv } = computingProcess({ env: { NODE_OPTIONS }, execArgv: [] });
      expect(execArgv.join(' ')).not.to.include('--max-semi-space-size');
    }
  });

  it('hands no code on', () => {
    const { execArgv } = computingProcess({ env: {}, execArgv: ['--import', 'tsx', '-e', 'code'] });
    expect(execArgv.slice(-2)).to.deep.equal(['--import', 'tsx']);
    expect(execArgv).not.to.include('code');
  });

  it('starts a process that collects young results alone', function () {
    if (Number.parseInt(process.versions.node, 10) > 24) this.skip(); // later versions collect all, whatever the options
    const { env, execArgv } = computingProcess({ env: {}, execArgv: [] });
    const results = 'for (let i = 0; i < 1000; i += 1) new Float32Array(2 ** 18)';
    const { stdout, status } = spawnSync(process.execPath, ['--trace-gc', ...execArgv, '-e', results], {
      env,
      encoding: 'utf8',
    });
    expect(status).to.equal(0);
    expect(stdout).to.include('Scavenge');
    expect(stdout).not.to.include('Mark-Compact');
  });
});
