/** Numbers as the page writes them; the full ones stand in the CSV files and, for sorting, beside them. */

export function short(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  return String(Number(value.toPrecision(4))).replace('-', '−');
}

/** `12.7 ± 0.4`; without ± where there is no interval. */
export function withInterval({ mean, half }: { readonly mean: number; readonly half?: number | undefined }): string {
  return half === undefined ? short(mean) : `${short(mean)} ± ${String(Number(half.toPrecision(2)))}`;
}

export function percent(share: number): string {
  return `${short(100 * share)} %`;
}
