import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from './usage-error.ts';
import { makeFolders, requireFolders } from './writable-folders.ts';

describe('makeFolders', () => {
  let folder = '';
  const inside = (...path: string[]) => join(folder, ...path);
  const out = (path: string) => ({ option: '--out', path });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutlayer-folders-'));
    writeFileSync(inside('file'), '');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes them with all above them, and leaves nothing in them', () => {
    makeFolders([out(inside('a', 'b')), out(inside('a', 'b', 'c')), out(inside('a'))]);
    expect(readdirSync(inside('a', 'b', 'c'))).to.deep.equal([]);
    expect(readdirSync(inside('a'))).to.deep.equal(['b']);
  });

  for (const [what, path, expected] of [
    ['an empty name', () => '', /^--out must be a folder, but is empty\. Name one, or leave --out out\.$/],
    ['a file', () => inside('file'), /^--out must be a folder, but ".*file" is a file\. Choose another\.$/],
    ['a place below a file', () => inside('file', 'a', 'b'), /below the file ".*file"\. Choose another\.$/],
  ] as const) {
    it(`refuses ${what} without making anything`, () => {
      const folders = [out(inside('new')), out(path())];
      expect(() => makeFolders(folders)).to.throw(UsageError, expected);
      expect(() => requireFolders(folders)).to.throw(UsageError, expected);
      expect(existsSync(inside('new'))).to.equal(false);
    });
  }

  it('refuses at once where the system makes no folders, and takes back what it made', function () {
    if (!existsSync('/proc/self')) return this.skip();
    const folders = [out(inside('new', 'one')), { option: '--cache', path: '/proc/none/below' }];
    expect(() => makeFolders(folders)).to.throw(UsageError, /^--cache must be .* written to, .*ENOENT.* its rights\.$/);
    expect(existsSync(inside('new'))).to.equal(false);
  });

  it('refuses a folder that can’t be written to', () => {
    mkdirSync(inside('closed'));
    chmodSync(inside('closed'), 0o555);
    chmodSync(folder, 0o755);
    asOrdinaryUser(() => {
      expect(() => makeFolders([out(inside('closed'))])).to.throw(UsageError, /can be written to, .*EACCES/);
    });
  });
});

/** Root may write everywhere: for a moment the process is nobody. */
function asOrdinaryUser(action: () => void): void {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    action();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
