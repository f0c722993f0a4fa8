/** Of several figures, one at a time. */

/** @param shown Told each time what is to be seen. */
export function offerChoices(shown: (figure: HTMLElement) => void): void {
  for (const choice of document.querySelectorAll<HTMLElement>('.choice')) {
    const figures = [...choice.querySelectorAll<HTMLElement>(':scope > figure')];
    if (figures.length > 1) choice.prepend(selectOf(choice.dataset['label'] ?? '', figures, shown));
  }
}

/** Of a figure of one configuration, with its label, so that it is hidden with it. */
function optionOf({ id, dataset: { title = id, of } }: HTMLElement): HTMLOptionElement {
  const option = new Option(title, id);
  if (of !== undefined) option.dataset['configuration'] = of;
  return option;
}

function selectOf(label: string, figures: readonly HTMLElement[], shown: (figure: HTMLElement) => void): HTMLElement {
  const select = document.createElement('select');
  select.append(...figures.map(optionOf));
  const show = () => {
    for (const figure of figures) figure.hidden = figure.id !== select.value;
    shown(figures[select.selectedIndex] as HTMLElement);
  };
  select.addEventListener('change', show);
  for (const [index, figure] of figures.entries()) figure.hidden = index > 0;
  const labelled = document.createElement('label');
  labelled.append(label, select);
  return labelled;
}
