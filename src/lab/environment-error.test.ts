import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { ConfigError } from './config/problems.ts';
import { isEnvironmentError } from './environment-error.ts';

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const missing = () => readFileSync('/there/is/no/such/file');

describe('isEnvironmentError', () => {
  for (const [what, error] of [
    ['a file that is missing', thrownBy(missing)],
    ['a folder in the place of a file', thrownBy(() => writeFileSync(tmpdir(), ''))],
    ['a folder that can’t be made', thrownBy(() => mkdirSync('/there/is/no/such/folder'))],
    ['a wrong request caused by one', new ConfigError([], { cause: thrownBy(missing) })],
    ['memory that is used up', thrownBy(() => new ArrayBuffer(2 ** 52))],
    ['memory that native code asked for', new Error('compiled function "f": std::bad_alloc')],
  ] as const) {
    it(`is true of ${what}`, () => expect(isEnvironmentError(error)).to.equal(true));
  }

  for (const [what, error] of [
    ['what a run throws', new Error('training diverged: the loss is NaN')],
    ['a mistake in the program', thrownBy(() => readFileSync(-5 as never))],
    ['what is no error', 'ENOSPC'],
  ] as const) {
    it(`is false of ${what}`, () => expect(isEnvironmentError(error)).to.equal(false));
  }
});
