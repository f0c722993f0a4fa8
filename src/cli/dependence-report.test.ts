import { expect } from 'chai';
import type { Row } from '../lab/results/run-rows.ts';
import { dependenceLines } from './dependence-report.ts';

const row = (options: string, leakage: number, more: Row = {}): Row => ({
  attack: 'inverse-network',
  attack_options: options,
  view: 'main-server',
  metric: 'distance_correlation',
  leakage,
  control: 0,
  ...more,
});

describe('dependenceLines', () => {
  it('prints each view once, with means over seeds, however many attacks had it', () => {
    const lines = dependenceLines([
      { label: 'none', rows: [row('a', 0.9), row('a', 0.7), row('b', 0.9), row('b', 0.7)] },
      { label: 'pixeldp', rows: [row('a', 0.1), row('b', 0.1, { control_ok: false })] },
    ]);
    expect(lines).to.deep.equal([
      '',
      'Dependence of smashed data and input (view main-server): bias-corrected distance correlation, 0 where independent',
      'none     0.80',
      'pixeldp  0.10',
    ]);
  });

  it('gives attacks that looked at different victims a column each', () => {
    const lines = dependenceLines([{ label: 'none', rows: [row('a', 0.9), row('b', 0.4)] }]);
    expect(lines[2]).to.match(/victims of inverse-network a +victims of inverse-network b/);
    expect(lines[3]).to.match(/^none +0\.90 +0\.40$/);
  });

  it('says nothing where nothing was measured', () => {
    expect(dependenceLines([{ label: 'none', rows: [row('a', 20, { metric: 'psnr' })] }])).to.deep.equal([]);
  });
});
