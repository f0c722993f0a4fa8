/** Options that all models of the zoo share. */

import type { ChoiceOption } from '../../contracts/options.ts';
import { initializationNames } from '../initializers.ts';

export function initOption(preset: string): { readonly init: ChoiceOption } {
  const description = 'what the initial weights are drawn from';
  return { init: { type: 'choice', choices: initializationNames, default: preset, description } };
}
