import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { removeUnfinished, writeAtomically } from './files.ts';

describe('removeUnfinished', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutlayer-files-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  function put(name: string, ageSeconds: number): string {
    const file = join(folder, 'runs', 'a', name);
    writeAtomically(file, 'half');
    const then = new Date(Date.now() - 1000 * ageSeconds);
    utimesSync(file, then, then);
    return file;
  }

  it('removes what killed processes left, at any depth', () => {
    const left = put(`result.json.${dead}.tmp`, 10);
    removeUnfinished(folder);
    expect(existsSync(left)).to.equal(false);
  });

  it('leaves what somebody may be writing, and every other file', () => {
    put(`runs.csv.${process.pid}.tmp`, 10);
    put(`status.json.${dead}.tmp`, 1); // of a process on another machine, for all one can see
    put('result.json', 10);
    put(`notes.${dead}.txt`, 10);
    removeUnfinished(folder);
    expect(readdirSync(join(folder, 'runs', 'a'))).to.have.lengthOf(4);
  });

  it('needs no folder', () => {
    removeUnfinished(join(folder, 'none'));
    writeFileSync(join(folder, 'file'), '');
    expect(readdirSync(folder)).to.deep.equal(['file']);
  });
});
