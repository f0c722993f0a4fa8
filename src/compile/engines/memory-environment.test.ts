import { expect } from 'chai';
import { memoryEnvironment } from './memory-environment.ts';

describe('memoryEnvironment', () => {
  it('keeps freed memory, in sizes that glibc takes', () => {
    const { MALLOC_MMAP_THRESHOLD_: mapped, MALLOC_TRIM_THRESHOLD_: kept } = memoryEnvironment({});
    expect(Number(mapped)).to.be.within(2 ** 22, 2 ** 25); // it takes no greater one
    expect(Number(kept)).to.be.at.least(Number(mapped));
  });

  it('leaves what is set already, and everything else', () => {
    const own = { PATH: '/bin', MALLOC_TRIM_THRESHOLD_: '1000' };
    expect(memoryEnvironment(own)).to.include(own);
  });
});
