/** Loads the page anew where the server says that the results changed, and leaves the reader where they were. */

const key = 'cutlayer-state';

interface State {
  /** Of all inputs and selections, in their order. */
  readonly values: readonly string[];
  /** Of what can be opened. */
  readonly open: readonly boolean[];
  readonly sortedBy: { readonly column: number; readonly clicks: number } | undefined;
  readonly top: number;
}

export function followChanges(version: string): void {
  restore();
  const changes = new EventSource(`changes?since=${encodeURIComponent(version)}`);
  changes.addEventListener('change', () => {
    sessionStorage.setItem(key, JSON.stringify(currentState()));
    location.reload();
  });
}

const fields = () => [...document.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select')];
const foldings = () => [...document.querySelectorAll('details')];
const heads = () => [...document.querySelectorAll<HTMLTableCellElement>('#runs thead th')];

function currentState(): State {
  const column = heads().findIndex((head) => head.hasAttribute('aria-sort'));
  const clicks = heads()[column]?.getAttribute('aria-sort') === 'ascending' ? 1 : 2;
  return {
    values: fields().map(({ value }) => value),
    open: foldings().map(({ open }) => open),
    sortedBy: column < 0 ? undefined : { column, clicks },
    top: scrollY,
  };
}

/** Of a page with other fields, as where a new attack has come in, only the place is kept. */
function restore(): void {
  const stored = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  if (!stored) return;
  const { values, open, sortedBy, top } = JSON.parse(stored) as State;
  if (values.length === fields().length) restoreFields(values);
  if (open.length === foldings().length)
    for (const [index, folding] of foldings().entries()) folding.open = open[index] ?? false;
  const button = heads()[sortedBy?.column ?? -1]?.querySelector('button');
  for (let click = 0; click < (sortedBy?.clicks ?? 0); click += 1) button?.click();
  scrollTo(0, top);
}

function restoreFields(values: readonly string[]): void {
  for (const [index, field] of fields().entries()) {
    const value = values[index] ?? '';
    const isOffered =
      !(field instanceof HTMLSelectElement) || [...field.options].some((option) => option.value === value);
    if (!isOffered || field.value === value) continue;
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new Event('change', { bubbles: true }));
  }
}
