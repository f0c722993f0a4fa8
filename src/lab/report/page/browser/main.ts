/** Brings the page to life: charts, slider, table. What it says without them stands there as text already. */

import type { PageData } from '../page-data.ts';
import { offerChoices } from './choices.ts';
import { drawConfusion } from './confusion.ts';
import { showGallery } from './gallery.ts';
import { drawLines } from './lines.ts';
import { liveTable } from './runs-table.ts';
import { type IsShown, narrowedLines, narrowedTradeOff, offerFilter } from './shown.ts';
import { drawTradeOff } from './trade-off.ts';
import { followChanges } from './watch.ts';

const data = JSON.parse(document.querySelector('#page-data')?.textContent ?? '{}') as PageData;

let isWanted: IsShown = () => true;
const isShown = (configuration: number) => isWanted(data.looks[configuration]?.label ?? '');

type Draw = (element: HTMLElement) => Promise<void>;

const drawings = new Map<string, Draw>([
  ...data.tradeOffs.map(
    (chart) =>
      [
        chart.id,
        (element: HTMLElement) => drawTradeOff(element, narrowedTradeOff(chart, isShown), data.looks),
      ] as const,
  ),
  ...data.confusions.map((chart) => [chart.id, (element: HTMLElement) => drawConfusion(element, chart)] as const),
  ...data.lines.map(
    (chart) =>
      [chart.id, (element: HTMLElement) => drawLines(element, narrowedLines(chart, isShown), data.looks)] as const,
  ),
]);

/** One after the other: a chart takes a while, and the page is to be read meanwhile. */
let turn: Promise<void> = Promise.resolve();

function draw(element: HTMLElement): void {
  const drawing = drawings.get(element.dataset['chart'] ?? '');
  if (!drawing || element.clientWidth === 0) return; // drawn when it is chosen
  turn = turn
    .then(() => drawing(element))
    .then(() => element.setAttribute('data-drawn', String(element.clientWidth)))
    .catch((error: unknown) => console.error(error)); // the others are to be seen all the same
}

function drawAgainWhereWidthChanged(): void {
  for (const element of document.querySelectorAll<HTMLElement>('.chart')) {
    if (element.dataset['drawn'] !== String(element.clientWidth)) draw(element);
  }
}

offerChoices(drawAgainWhereWidthChanged);
const galleries = data.galleries.flatMap((gallery) => {
  const figure = document.getElementById(gallery.id);
  return figure ? [showGallery(figure, gallery, data.pictures)] : [];
});
offerFilter((wanted) => {
  isWanted = wanted;
  for (const narrow of galleries) narrow(wanted);
  for (const element of document.querySelectorAll<HTMLElement>('.chart')) element.removeAttribute('data-drawn');
  drawAgainWhereWidthChanged();
});
const table = document.querySelector<HTMLTableElement>('#runs');
if (table) liveTable(table);
drawAgainWhereWidthChanged();
let resized = 0;
addEventListener('resize', () => {
  clearTimeout(resized);
  resized = setTimeout(drawAgainWhereWidthChanged, 150);
});
const version = document.body.dataset['watched'];
if (version !== undefined) followChanges(version);
