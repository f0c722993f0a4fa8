/** Originals beside what was made of them, at the strength of the defense where the slider stands. */

import type { GalleryData, GalleryShot } from '../page-data.ts';
import type { IsShown } from './shown.ts';

/** @returns What narrows it to some configurations. */
export function showGallery(
  figure: HTMLElement,
  { steps: all }: GalleryData,
  pictures: readonly string[],
): (isShown: IsShown) => void {
  let steps = all;
  const [slider, seeds] = [figure.querySelector('input'), figure.querySelector('select')];
  const [output, pairs, controls] = [
    figure.querySelector('output'),
    figure.querySelector('.pairs'),
    figure.querySelector<HTMLElement>('.controls'),
  ];
  if (!slider || !output || !pairs || !controls) return () => {};
  const show = () => {
    const step = steps[slider.valueAsNumber];
    const seed = seeds ? Number(seeds.value) : step?.shots[0]?.seed;
    const shot = step?.shots.find((candidate) => candidate.seed === seed);
    const label = step?.label ?? '';
    slider.setAttribute('aria-valuetext', label);
    output.textContent = shot
      ? `${label}: ${shot.scores}`
      : step
        ? `${label}: no picture of seed ${seed}`
        : 'none is shown';
    pairs.replaceChildren(...(shot ? pairsOf(shot, label, pictures) : []));
  };
  slider.addEventListener('input', show);
  seeds?.addEventListener('change', show);
  controls.hidden = false;
  show();
  return (isShown) => {
    steps = all.filter(({ label }) => isShown(label));
    slider.max = String(Math.max(0, steps.length - 1));
    slider.value = '0';
    show();
  };
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
