/** Figures as PDF: the SVG's own lines and letters, no pixels, with the glyphs that it uses embedded, as publishers ask. */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * @param svg As `svgOf` draws it; a page of its size is made, with its title and description.
 * @param created What the file is to say of its date: the same picture and date give the same bytes.
 */
export async function pdfOf(svg: string, created: Date): Promise<Uint8Array> {
  const pdfmake = await loadPdfmake();
  const [width, height] = sizeOf(svg);
  const info = {
    title: within(svg, 'title'),
    subject: within(svg, 'desc'),
    creator: 'cutlayer',
    creationDate: created,
  };
  const content = [{ svg, width, height }];
  return pdfmake.createPdf({ pageSize: { width, height }, pageMargins: 0, content, defaultStyle, info }).getBuffer();
}

/** The name of the first family that the SVG asks for; Roboto, which pdfmake ships, takes its place. */
const family = 'Helvetica';
const defaultStyle = { font: family };

async function loadPdfmake() {
  const { default: pdfmake } = await import('pdfmake');
  const fonts = join(dirname(createRequire(import.meta.url).resolve('pdfmake/package.json')), 'fonts', 'Roboto');
  pdfmake.setFonts({
    [family]: { normal: join(fonts, 'Roboto-Regular.ttf'), bold: join(fonts, 'Roboto-Medium.ttf') },
  });
  // A figure loads nothing, whatever its labels say.
  pdfmake.setUrlAccessPolicy(() => false);
  pdfmake.setLocalAccessPolicy((path) => path.startsWith(fonts));
  return pdfmake;
}

function sizeOf(svg: string): [width: number, height: number] {
  const [, width, height] = /^<svg[^>]* viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
  if (!width || !height) throw new Error('a figure has no viewBox.');
  return [Number(width), Number(height)];
}

function within(svg: string, element: 'title' | 'desc'): string {
  const [, text = ''] = new RegExp(`<${element}>([^<]*)</${element}>`).exec(svg) ?? [];
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
