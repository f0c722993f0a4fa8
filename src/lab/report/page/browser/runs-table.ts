/** Sorts and filters the table of runs. */

export function liveTable(table: HTMLTableElement): void {
  const [body] = table.tBodies;
  if (!body) return;
  const rows = [...body.rows];
  offerSorting(table, body, rows);
  offerFilters(rows);
}

type Direction = 'ascending' | 'descending';

function offerSorting(
  table: HTMLTableElement,
  body: HTMLTableSectionElement,
  rows: readonly HTMLTableRowElement[],
): void {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  for (const [index, head] of heads.entries()) {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const direction: Direction = head.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending';
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', direction);
      body.append(...sorted(rows, index, direction));
    });
  }
}

/** Empty cells come last in either direction; equal ones stay in the order of runs.csv. */
function sorted(rows: readonly HTMLTableRowElement[], index: number, direction: Direction): HTMLTableRowElement[] {
  const sign = direction === 'ascending' ? 1 : -1;
  const keyOf = (row: HTMLTableRowElement) => row.cells[index] as HTMLTableCellElement;
  return [...rows].sort((a, b) => compare(keyOf(a), keyOf(b), sign));
}

function compare(a: HTMLTableCellElement, b: HTMLTableCellElement, sign: number): number {
  const [left, right] = [a.textContent ?? '', b.textContent ?? ''];
  if (left === '' || right === '') return Number(left === '') - Number(right === '');
  const [x, y] = [a.dataset['value'], b.dataset['value']];
  if (x === undefined || y === undefined) return sign * left.localeCompare(right, 'en', { numeric: true });
  return Number(x) === Number(y) ? 0 : sign * (Number(x) < Number(y) ? -1 : 1);
}

function offerFilters(rows: readonly HTMLTableRowElement[]): void {
  const form = document.querySelector<HTMLFormElement>('#runs-filters');
  const count = document.querySelector('#runs-count');
  if (!form || !count) return;
  const chosen = (id: string) => document.querySelector<HTMLInputElement | HTMLSelectElement>(`#${id}`)?.value ?? '';
  const apply = () => {
    const [words, attack, metric] = [chosen('runs-filter').toLowerCase(), chosen('runs-attack'), chosen('runs-metric')];
    for (const row of rows) row.hidden = !matches(row, { words, attack, metric });
    count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows`;
  };
  form.addEventListener('input', apply);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.hidden = false;
  apply();
}

interface Wanted {
  readonly words: string;
  /** Any where empty. */
  readonly attack: string;
  readonly metric: string;
}

/** Every word in some cell; of the chosen attack and metric. */
function matches(row: HTMLTableRowElement, { words, attack, metric }: Wanted): boolean {
  if (attack !== '' && row.dataset['attack'] !== attack) return false;
  if (metric !== '' && row.dataset['metric'] !== metric) return false;
  const text = [...row.cells]
    .map((cell) => cell.textContent)
    .join(' ')
    .toLowerCase();
  return words.split(/\s+/).every((word) => text.includes(word));
}
