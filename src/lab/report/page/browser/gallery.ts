/** Originals beside what was made of them, at the strength of the defense where the slider stands. */

import type { GalleryData, GalleryShot } from '../page-data.ts';

export function showGallery(figure: HTMLElement, { steps }: GalleryData, pictures: readonly string[]): void {
  const [slider, seeds] = [figure.querySelector('input'), figure.querySelector('select')];
  const [output, pairs, controls] = [
    figure.querySelector('output'),
    figure.querySelector('.pairs'),
    figure.querySelector<HTMLElement>('.controls'),
  ];
  if (!slider || !output || !pairs || !controls) return;
  const show = () => {
    const step = steps[slider.valueAsNumber];
    const seed = seeds ? Number(seeds.value) : step?.shots[0]?.seed;
    const shot = step?.shots.find((candidate) => candidate.seed === seed);
    const label = step?.label ?? '';
    slider.setAttribute('aria-valuetext', label);
    output.textContent = shot ? `${label}: ${shot.scores}` : `${label}: no picture of seed ${seed}`;
    pairs.replaceChildren(...(shot ? pairsOf(shot, label, pictures) : []));
  };
  slider.addEventListener('input', show);
  seeds?.addEventListener('change', show);
  controls.hidden = false;
  show();
}

function pairsOf(
  { originals, reconstructions }: GalleryShot,
  label: string,
  pictures: readonly string[],
): HTMLElement[] {
  return originals.map((original, index) => {
    const item = document.createElement('li');
    item.append(
      picture(pictures[original], `Original ${index + 1}`),
      picture(pictures[reconstructions[index] as number], `Reconstruction ${index + 1} with ${label}`),
    );
    return item;
  });
}

function picture(address: string | undefined, text: string): HTMLImageElement {
  const image = new Image();
  image.alt = text;
  image.title = text;
  image.src = address ?? '';
  return image;
}
