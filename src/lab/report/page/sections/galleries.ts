/** Originals beside reconstructions; the slider goes from no defense to the strongest. */

import type { AttackStudy } from '../../attack-study.ts';
import { html, type Markup } from '../markup.ts';
import type { GalleryData } from '../page-data.ts';

export function gallerySection(galleries: readonly GalleryData[], attacks: readonly AttackStudy[]): Markup {
  if (galleries.length === 0)
    return html`<p>The results hold no pictures: no attack makes images, or they were not kept.</p>`;
  const titleOf = (id: string) => {
    const attack = attacks.find(({ slug }) => id === `gallery-${slug}`);
    return attack ? `${attack.label} (view ${attack.view})` : id;
  };
  return html`<noscript><p>The pictures need scripts; they also lie in pictures/ beside runs.csv.</p></noscript>
<div class="choice" data-label="Attack">${galleries.map(({ id, steps }) => gallery(id, titleOf(id), steps))}</div>`;
}

function gallery(id: string, title: string, steps: GalleryData['steps']): Markup {
  const seeds = [...new Set(steps.flatMap(({ shots }) => shots.map(({ seed }) => seed)))].sort((a, b) => a - b);
  return html`<figure id="${id}" class="gallery" data-title="${title}" data-gallery="${id}">
<figcaption>${title}</figcaption>
<div class="controls" hidden>
<label class="wide">Defense, from none to the strongest <input type="range" min="0" max="${steps.length - 1}" step="1" value="0"></label>
${seeds.length > 1 && html`<label>Seed <select>${seeds.map((seed) => html`<option>${seed}</option>`)}</select></label>`}
<output aria-live="polite"></output>
</div>
<p class="note">In each frame: the original, and what the attack made of it.</p>
<ol class="pairs"></ol>
</figure>
`;
}
