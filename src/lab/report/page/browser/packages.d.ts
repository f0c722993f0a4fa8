/** What the page uses of packages that are bundled into it. */

declare module '@tensorflow/tfjs-vis/dist/render/scatterplot.js' {
  import type { ChartOptions, Point } from './tfjs-vis.ts';
  export function scatterplot(
    container: HTMLElement,
    data: { values: Point[][]; series: string[] },
    options: ChartOptions,
  ): Promise<void>;
}

declare module '@tensorflow/tfjs-vis/dist/render/linechart.js' {
  import type { ChartOptions, Point } from './tfjs-vis.ts';
  export function linechart(
    container: HTMLElement,
    data: { values: Point[][]; series: string[] },
    options: ChartOptions,
  ): Promise<void>;
}

declare module '@tensorflow/tfjs-vis/dist/render/confusion_matrix.js' {
  import type { ChartOptions } from './tfjs-vis.ts';
  export function confusionMatrix(
    container: HTMLElement,
    data: { values: number[][]; tickLabels: string[] },
    options: ChartOptions & { shadeDiagonal?: boolean },
  ): Promise<void>;
}

declare module 'vega-embed' {
  export interface View {
    finalize(): void;
  }
  function embed(element: HTMLElement, spec: object, options: object): Promise<{ view: View }>;

  // biome-ignore lint/style/noDefaultExport: the package has one
  export { embed as default };
}
