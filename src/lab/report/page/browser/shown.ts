/** Of many configurations, those that a reader asks for: in charts, legends, galleries and lists alike. */

import type { LineChart, TradeOffChart } from '../page-data.ts';

/** By its label. */
export type IsShown = (label: string) => boolean;

const patienceMs = 200;

/** @param changed Told each time what is to be seen; not at first, when all are. */
export function offerFilter(changed: (isShown: IsShown) => void): void {
  const form = document.querySelector<HTMLFormElement>('#shown');
  const [input, count] = [form?.querySelector('input'), form?.querySelector('output')];
  if (!form || !input || !count) return;
  let timer = 0;
  const apply = () => {
    const words = input.value.toLowerCase().split(/\s+/);
    const isShown: IsShown = (label) => words.every((word) => label.toLowerCase().includes(word));
    const details = listed();
    for (const element of document.querySelectorAll<HTMLElement>('[data-configuration]')) {
      element.hidden = !isShown(element.dataset['configuration'] ?? '');
    }
    for (const select of document.querySelectorAll<HTMLSelectElement>('.choice > label > select')) leaveHidden(select);
    count.textContent = `${details.filter(({ hidden }) => !hidden).length} of ${details.length}`;
    changed(isShown);
  };
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(apply, patienceMs);
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  form.hidden = false;
}

/** What was chosen may not be offered any more. */
function leaveHidden(select: HTMLSelectElement): void {
  const offered = [...select.options].find(({ hidden }) => !hidden);
  if (!select.selectedOptions[0]?.hidden || !offered) return;
  select.value = offered.value;
  select.dispatchEvent(new Event('change'));
}

const listed = () => [...document.querySelectorAll<HTMLElement>('#configuration details')];

/** The front stays that of all. */
export function narrowedTradeOff(chart: TradeOffChart, isShown: (configuration: number) => boolean): TradeOffChart {
  return { ...chart, points: chart.points.filter(({ configuration }) => isShown(configuration)) };
}

export function narrowedLines(chart: LineChart, isShown: (configuration: number) => boolean): LineChart {
  return { ...chart, series: chart.series.filter(({ configuration }) => isShown(configuration)) };
}
