/** What attacks made of their victims, beside the originals, along the strength of the defense. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AttackStudy, attackIndex } from '../attack-study.ts';
import { metricTitle } from '../metrics.ts';
import type { Configuration, Study } from '../study.ts';
import { short } from './numbers.ts';
import type { GalleryData, GalleryShot, GalleryStep } from './page-data.ts';
import { picturePairs } from './picture-grid.ts';
import { byStrength } from './strength.ts';

export interface Galleries {
  readonly galleries: readonly GalleryData[];
  readonly pictures: readonly string[];
}

/** Attacks that made no images, and runs without a picture, are left out. */
export function galleriesOf(study: Study): Galleries {
  const pool = new PicturePool();
  const galleries = study.attacks.map((attack) => ({
    id: `gallery-${attack.slug}`,
    steps: byStrength(study.configurations).flatMap((configuration) => stepOf(study, attack, configuration, pool)),
  }));
  return { galleries: galleries.filter(({ steps }) => steps.length > 0), pictures: pool.addresses };
}

/** Each picture once: the originals are the same for all defenses. */
class PicturePool {
  readonly addresses: string[] = [];
  readonly #numbers = new Map<string, number>();

  add(png: Uint8Array): number {
    const address = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
    const number = this.#numbers.get(address) ?? this.addresses.push(address) - 1;
    this.#numbers.set(address, number);
    return number;
  }
}

function stepOf(study: Study, attack: AttackStudy, configuration: Configuration, pool: PicturePool): GalleryStep[] {
  const shots = [...configuration.runIds].flatMap(([runId, seed]): GalleryShot[] => {
    const png = pictureOf(study.folder, attack, configuration, runId);
    const pairs = png && picturePairs(png);
    if (!pairs) return [];
    const add = (pictures: readonly Uint8Array[]) => pictures.map((picture) => pool.add(picture));
    return [
      {
        seed,
        scores: scoresOf(attack, configuration, seed),
        originals: add(pairs.originals),
        reconstructions: add(pairs.reconstructions),
      },
    ];
  });
  return shots.length > 0 ? [{ label: configuration.label, shots }] : [];
}

function pictureOf(folder: string, attack: AttackStudy, { config }: Configuration, runId: string) {
  const index = attackIndex(config, attack);
  const file = join(folder, 'pictures', `${runId}-${index + 1}-${attack.name}.png`);
  return index >= 0 && existsSync(file) ? readFileSync(file) : undefined;
}

/** `PSNR (dB) 22.6 (guessing 12.2), …` */
function scoresOf({ metrics }: AttackStudy, configuration: Configuration, seed: number): string {
  return metrics
    .flatMap(({ metric, scores }) => {
      const own = scores.find((candidate) => candidate.configuration === configuration);
      const [leakage, control] = [own?.leakage.get(seed), own?.control.get(seed)];
      if (leakage === undefined || control === undefined) return [];
      const failed = own?.controlOk === false ? ', control failed' : '';
      return [`${metricTitle(metric)} ${short(leakage)} (guessing ${short(control)}${failed})`];
    })
    .join(', ');
}
