/** The page as a reader has it: in Chromium, from a file, without a network. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { galleryPng } from '../../pictures.ts';
import { writeAtomically } from '../../results/files.ts';
import { readResults } from '../../results/read.ts';
import { studyOf } from '../study.ts';
import { Chromium, findChromium, type Tab } from '../testing/chromium.ts';
import { type MadeConfiguration, madeResults, noise, threeDefenses } from '../testing/made-results.ts';
import { writeReport } from '../write-report.ts';
import { pageScript } from './script.ts';

const hostile = `<img src=x onerror="window.hacked=1"></script><script>window.hacked=2</script>`;
const confusion = [
  [5, 1],
  [0, 4],
];
const configurations: readonly MadeConfiguration[] = [
  ...threeDefenses.map((made) => ({ ...made, confusion })),
  {
    epsilon: 200, // far from the others: a logarithmic axis
    defenses: [{ name: hostile }],
    accuracy: [0.6, 0.61, 0.62],
    leakage: { psnr: [21, 22, 23.5], mse: [0.02, 0.021, 0.025] },
  },
];

/** Two pictures for each run, 3 wide and 2 high: black originals, reconstructions of a gray of the run’s own. */
function addPictures(folder: string): void {
  for (const [index, { id }] of readResults(folder).planned.entries()) {
    const gray = Array.from({ length: 6 }, () => (index + 1) / 20);
    const png = galleryPng({
      shape: [2, 3, 1],
      originals: [black, black],
      reconstructions: [gray, gray],
    });
    writeAtomically(join(folder, 'pictures', `${id}-1-inverse-network.png`), png);
  }
}

const allDrawn = `document.readyState === 'complete' && document.querySelector('.chart[data-drawn]')
  && [...document.querySelectorAll('.chart')].every((chart) => chart.clientWidth === 0 || chart.dataset.drawn)`;

const black = [0, 0, 0, 0, 0, 0];

describe('report.html in Chromium', () => {
  let chromium: Chromium;
  let folder = '';
  let url = '';

  before(async function () {
    const [command, { reason }] = [findChromium(), await pageScript()];
    if (reason || !command) {
      console.log(`      skipped: ${reason ?? 'there is no Chromium (Debian’s package is called chromium)'}`);
      return this.skip();
    }
    folder = madeResults(configurations);
    addPictures(folder);
    await writeReport(studyOf(readResults(folder)), { folder: join(folder, 'report'), argv: ['report', 'made'] });
    url = pathToFileURL(join(folder, 'report', 'report.html')).href;
    chromium = new Chromium(command);
  });
  after(async () => {
    await chromium?.close();
    if (folder !== '') rmSync(folder, { recursive: true });
  });

  const opened = async (width = 1200): Promise<Tab> => {
    const tab = await chromium.open(url, { width, height: 900 });
    await tab.until(allDrawn);
    return tab;
  };
  const clean = ({ problems, requests }: Tab) =>
    expect({ problems, requests }).to.deep.equal({ problems: [], requests: [url] });

  it('asks for no other file and no network, and has nothing to complain of', async () => {
    const tab = await opened();
    expect(await tab.evaluate(`document.querySelectorAll('.chart svg').length`)).to.equal(4); // one of each choice
    clean(tab);
  });

  it('draws each configuration where runs.csv says', async () => {
    const tab = await opened();
    const drawn = await tab.evaluate<[number, number][]>(
      `[...document.querySelectorAll('[data-chart="tradeoff-inverse-network-psnr"] .mark-symbol path')].map((path) => {
        const { e, f } = path.transform.baseVal.consolidate().matrix;
        return [e, f];
      })`,
    );
    const means = (values: readonly (number | undefined)[] = []) =>
      values.reduce<number>((sum, value) => sum + (value ?? 0), 0) / values.length;
    const said = configurations.map(({ accuracy, leakage }) => [means(leakage?.psnr), means(accuracy)]);
    const ratios = (points: readonly (readonly number[])[], axis: 0 | 1) => {
      const [first, second] = [points[0]?.[axis] as number, points[1]?.[axis] as number];
      return points.map((point) => ((point[axis] as number) - first) / (second - first));
    };
    for (const axis of [0, 1] as const) {
      const [seen, expected] = [ratios(drawn, axis), ratios(said, axis)];
      expect(seen).to.have.length(4);
      for (const [index, ratio] of seen.entries()) expect(ratio).to.be.closeTo(expected[index] as number, 0.01);
    }
  });

  it('does not run what stands in a configuration, and shows it as text', async () => {
    const tab = await opened();
    expect(await tab.evaluate('window.hacked')).to.equal(undefined);
    const labels = await tab.evaluate<string[]>(
      `[...document.querySelectorAll('#trade-off .legend span')].map((label) => label.textContent)`,
    );
    expect(labels.some((label) => label.includes(hostile))).to.equal(true);
    // Names are shown by a tooltip, too.
    await tab.evaluate(`(() => {
      const [mark] = [...document.querySelectorAll('.mark-symbol path')].slice(3);
      const { x, y } = mark.getBoundingClientRect();
      const at = { bubbles: true, clientX: x + 3, clientY: y + 3 };
      for (const type of ['mouseover', 'mousemove']) mark.dispatchEvent(new MouseEvent(type, at));
    })()`);
    await tab.until(`document.querySelector('#vg-tooltip-element.visible')`);
    expect(await tab.evaluate(`document.querySelector('#vg-tooltip-element').textContent`)).to.contain(hostile);
    expect(await tab.evaluate('window.hacked')).to.equal(undefined);
    clean(tab);
  });

  it('sorts and filters the table of runs by keyboard', async () => {
    const tab = await opened();
    await tab.evaluate(
      `[...document.querySelectorAll('#runs thead th')].find((head) => head.textContent === 'Leakage').querySelector('button').focus()`,
    );
    const leakages = `[...document.querySelectorAll('#runs tbody tr:not([hidden])')].map((row) => Number(row.cells[6].dataset.value))`;
    for (const sign of [1, -1]) {
      await tab.press('Enter');
      const values = await tab.evaluate<number[]>(leakages);
      expect(values).to.deep.equal([...values].sort((a, b) => sign * (a - b)));
    }
    await tab.evaluate(`(() => {
      const filter = document.querySelector('#runs-filter');
      filter.value = 'PSNR none';
      filter.dispatchEvent(new Event('input', { bubbles: true }));
    })()`);
    expect(await tab.evaluate<number[]>(leakages)).to.deep.equal([22.5, 21, 20]);
    expect(await tab.evaluate(`document.querySelector('#runs-count').textContent`)).to.equal('3 of 24 rows');
  });

  it('goes through the defenses with the arrow keys, and shows what the attack made of its victims', async () => {
    const tab = await opened();
    await tab.evaluate(`document.querySelector('.gallery input').focus()`);
    const state = `({ text: document.querySelector('.gallery input').getAttribute('aria-valuetext'), sources: [...document.querySelectorAll('.pairs img')].map(({ src }) => src) })`;
    type State = { readonly text: string; readonly sources: string[] };
    const before = await tab.evaluate<State>(state);
    await tab.press('ArrowRight');
    const after = await tab.evaluate<State>(state);
    expect([before.text, after.text]).to.deep.equal(['none', 'pixeldp epsilon 2']);
    expect(before.sources).to.have.length(4);
    expect(after.sources[0]).to.equal(before.sources[0]); // the original
    expect(after.sources[1]).not.to.equal(before.sources[1]);
    expect(
      await tab.evaluate(
        `[...document.querySelectorAll('.pairs img')].every(({ naturalWidth, naturalHeight, alt }) => naturalWidth === 3 && naturalHeight === 2 && alt !== '')`,
      ),
    ).to.equal(true);
    const ratios = await tab.evaluate<number[]>(
      `[...document.querySelectorAll('.pairs img')].map((image) => image.clientWidth / image.clientHeight)`,
    );
    for (const ratio of ratios) expect(ratio).to.be.closeTo(3 / 2, 0.05);
  });

  it('fits a phone', async () => {
    const tab = await opened(390);
    expect(await tab.evaluate('document.documentElement.scrollWidth')).to.equal(390);
    const widths = await tab.evaluate<number[]>(
      `[...document.querySelectorAll('.chart svg')].map((svg) => svg.getBoundingClientRect().right)`,
    );
    expect(Math.max(...widths)).to.be.at.most(390);
  });

  it('names everything that a screen reader comes by', async () => {
    const tab = await opened();
    const nameless = await tab.evaluate(
      `[...document.querySelectorAll('[role="img"], [role="region"], input, select, img, button, th')]
        .filter((element) => !(element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.alt ?? element.textContent)?.trim())
        .map((element) => element.outerHTML)`,
    );
    expect(nameless).to.deep.equal([]);
    const ids = await tab.evaluate<string[]>(`[...document.querySelectorAll('[id]')].map(({ id }) => id)`);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('says all in text without scripts', async () => {
    const without = mkdtempSync(join(tmpdir(), 'page-'));
    const page = readFileSync(join(folder, 'report', 'report.html'), 'utf8').replace(
      /script-src [^;]*/,
      "script-src 'none'",
    );
    writeFileSync(join(without, 'page.html'), page);
    const tab = await chromium.open(pathToFileURL(join(without, 'page.html')).href);
    await tab.until(`document.querySelectorAll('#runs tbody tr').length === 24`);
    expect(await tab.evaluate(`document.querySelector('#trade-off table').textContent`)).to.contain(
      'pixeldp epsilon 2',
    );
    rmSync(without, { recursive: true });
  });
});

describe('report.html of many configurations in Chromium', () => {
  let chromium: Chromium;
  let folder = '';
  const many = Array.from(
    { length: 40 },
    (_, index): MadeConfiguration => ({
      defenses: index === 0 ? [] : [noise(index / 4)],
      accuracy: [0.5 + index / 100],
      leakage: { psnr: [15 + (index === 0 ? 5 : index / 10)] },
      confusion,
    }),
  );

  before(async function () {
    const [command, { reason }] = [findChromium(), await pageScript()];
    if (reason || !command) return this.skip();
    folder = madeResults(many);
    addPictures(folder);
    await writeReport(studyOf(readResults(folder)), { folder: join(folder, 'report'), argv: ['report', 'made'] });
    chromium = new Chromium(command);
  });
  after(async () => {
    await chromium?.close();
    if (folder !== '') rmSync(folder, { recursive: true });
  });

  it('is no longer than a few screens, and fits a phone', async () => {
    for (const [width, screens] of [
      [1200, 8],
      [390, 14],
    ] as const) {
      const url = pathToFileURL(join(folder, 'report', 'report.html')).href;
      const tab = await chromium.open(url, { width, height: 900 });
      await tab.until(allDrawn);
      expect(await tab.evaluate('document.documentElement.scrollHeight')).to.be.below(screens * 900);
      expect(await tab.evaluate('document.documentElement.scrollWidth')).to.be.at.most(width);
    }
  });

  it('shows those whose names have the words, everywhere', async () => {
    const tab = await chromium.open(pathToFileURL(join(folder, 'report', 'report.html')).href);
    await tab.until(allDrawn);
    const marks = `document.querySelectorAll('[data-chart="tradeoff-inverse-network-psnr"] .mark-symbol path').length`;
    expect(await tab.evaluate(marks)).to.equal(40);
    const filter = (words: string) =>
      tab.evaluate(`(() => {
        const field = document.querySelector('#shown input');
        field.value = ${JSON.stringify(words)};
        field.dispatchEvent(new Event('input', { bubbles: true }));
      })()`);
    const count = `document.querySelector('#shown output').textContent`;
    await filter('EPSILON 9.');
    await tab.until(`${count} === '3 of 40' && ${allDrawn}`); // 9.25, 9.5 and 9.75
    expect(await tab.evaluate(marks)).to.equal(3);
    const visible = (selector: string) =>
      `[...document.querySelectorAll('${selector}')].filter(({ hidden }) => !hidden).length`;
    expect(await tab.evaluate(visible('#trade-off .legend li[data-configuration]'))).to.equal(3);
    expect(await tab.evaluate(visible('#confusion select option'))).to.equal(3);
    expect(
      await tab.evaluate(`document.querySelector('#confusion figure:not([hidden]) figcaption').textContent`),
    ).to.equal('pixeldp epsilon 9.25');
    expect(await tab.evaluate(`document.querySelector('.gallery input').max`)).to.equal('2');
    await filter('nothing has this');
    await tab.until(`${count} === '0 of 40' && ${allDrawn}`);
    expect(await tab.evaluate(marks)).to.equal(0);
    await filter('');
    await tab.until(`${count} === '40 of 40' && ${allDrawn}`);
    expect(await tab.evaluate(marks)).to.equal(40);
    expect(tab.problems).to.deep.equal([]);
  });
});
