/** Every key of an experiment file, and how a path names one. */

import { experimentReference, type KeyReference } from '../../lab/config/reference.ts';
import { catalogues } from '../catalogues.ts';
import type { Description } from './description.ts';

export function experimentDescription(): Description {
  const keys = experimentReference(catalogues);
  return {
    document: { kind: 'experiment', keys },
    lines: [
      'An experiment file is YAML with these keys; unknown ones are errors.',
      '',
      ...keys.flatMap(keyLines),
      '',
      'A path (of grid, and of --set PATH=VALUE) is the keys with dots between, an entry of a list its number from 0:',
      'model.cut, trainer.optimizer.learningRate, defenses, attacks.0.victims.',
    ],
  };
}

function keyLines({ path, of, allowed, default: preset, description }: KeyReference): string[] {
  const owners = of.length > 0 ? ` (of ${of.join(', ')})` : '';
  return [`${path}${owners}: ${allowed}${presetText(preset)}`, `    ${description}`];
}

function presetText(preset: string): string {
  if (preset === '') return '';
  return preset === 'required' ? '; required' : `; default ${preset}`;
}
