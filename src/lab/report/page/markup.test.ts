import { expect } from 'chai';
import fc from 'fast-check';
import { html, jsonScript } from './markup.ts';

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const read = (text: string) => text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? '');

/** Text that has a lot of what markup is made of. */
const text = fc.string({
  unit: fc.constantFrom('<', '>', '"', "'", '&', '/', '!', '-', 's', 'script', 'amp;', '\u2028'),
});

describe('html', () => {
  it('leaves no character of a text that could be markup, and loses none', () => {
    fc.assert(
      fc.property(text, (given) => {
        const escaped = html`${given}`.text;
        expect(escaped).not.to.match(/[<>"']/);
        expect(read(escaped)).to.equal(given);
      }),
    );
  });

  it('puts templates into templates, and lists of them, as they are', () => {
    const rows = ['a', '<b>'].map((cell) => html`<td>${cell}</td>`);
    expect(html`<tr title="${'"'}">${rows}${undefined}${false}${0}</tr>`.text).to.equal(
      '<tr title="&quot;"><td>a</td><td>&lt;b&gt;</td>0</tr>',
    );
  });
});

describe('jsonScript', () => {
  it('holds any value, and nothing in it ends the element or opens a comment', () => {
    fc.assert(
      fc.property(fc.dictionary(text, text), (value) => {
        const [, json = ''] =
          /^<script type="application\/json" id="x">(.*)<\/script>$/s.exec(jsonScript('x', value).text) ?? [];
        expect(json).not.to.contain('<');
        expect(JSON.parse(json)).to.deep.equal({ ...value });
      }),
    );
  });
});
