import { expect } from 'chai';
import type { NdArray } from '../src/contracts/array.ts';
import type {
  Attack,
  Knowledge,
  Observation,
  PublicKnowledge,
  Reconstruction,
  ThreatModel,
} from '../src/contracts/attack.ts';
import type { Dataset } from '../src/contracts/dataset.ts';
import type { Params } from '../src/contracts/model.ts';

/**
 * Checked by `tsc`, which knows what is a mistake here: were the truth, another view or an undeclared secret within reach of an
 * attack, a `@ts-expect-error` below would have no error to expect. What the functions do does not matter.
 */
const misuses = {
  /** The lab wants to hand over the originals. */
  truthInAnObservation: (originals: NdArray, view: Observation<'main-server'>): Observation<'main-server'> => ({
    ...view,
    // @ts-expect-error no view holds a victim's input
    originals,
  }),
  truthAmongTheKnowledge: (data: Dataset, known: PublicKnowledge): Knowledge<'auxiliary'> => ({
    ...known,
    auxiliary: data,
    // @ts-expect-error nothing that an attacker may know is called victims
    victims: data,
  }),
  /** An attack looks for more than its view shows. */
  smashedDataOfTheFedServer: ({ releases: [seen] }: Observation<'fed-server'>): NdArray =>
    // @ts-expect-error smashed data go to the main server
    seen.smashed,
  gradientOfTheMainServer: ({ releases: [seen] }: Observation<'main-server'>): Params =>
    // @ts-expect-error the client part's gradient goes to the fed server
    seen.clientGradient,
  labelsOfTheFederatedServer: ({ releases: [seen] }: Observation<'server'>): Int32Array =>
    // @ts-expect-error a gradient comes without labels
    seen.labels,
  inputsOfBothServers: ({ releases: [seen] }: Observation<'servers'>): NdArray =>
    // @ts-expect-error not even both servers together see inputs
    seen.x,
  /** An attack uses a secret that its threat model does not name. */
  undeclaredParameters: (known: Knowledge<'auxiliary'>): Params =>
    // @ts-expect-error its threat model names only `auxiliary`
    known.clientParams,
  undeclaredExamples: (known: Knowledge<never>): Dataset =>
    // @ts-expect-error its threat model names nothing
    known.auxiliary,
  /** A threat model leaves out what its attack reads, or names what it does not. */
  secretLeftOut: (): ThreatModel<'main-server', 'clientParams' | 'auxiliary'> => ({
    view: 'main-server',
    conduct: 'honest-but-curious',
    // @ts-expect-error the attack is promised the client part's parameters too
    knows: ['auxiliary'],
  }),
  secretTooMany: (): ThreatModel<'main-server', 'auxiliary'> => ({
    view: 'main-server',
    conduct: 'honest-but-curious',
    // @ts-expect-error the attack has no use for the client part's parameters
    knows: ['auxiliary', 'clientParams'],
  }),
  /** The lab runs an attack on another party's observations, or without what it knows. */
  anotherViewForAnAttack: async (
    attack: Attack<'main-server', never>,
    seen: readonly Observation<'servers'>[],
    known: PublicKnowledge,
  ): Promise<readonly Reconstruction[]> =>
    // @ts-expect-error observations are of another view
    attack.run(seen, known, { rng: undefined as never, progress: () => {} }),
  missingSecret: async (
    attack: Attack<'main-server', 'clientParams'>,
    seen: readonly Observation<'main-server'>[],
    known: PublicKnowledge,
  ): Promise<readonly Reconstruction[]> =>
    // @ts-expect-error it was promised the client part's parameters
    attack.run(seen, known, { rng: undefined as never, progress: () => {} }),
};

describe('the threat model in types', () => {
  it('is checked by tsc, on as many misuses as are listed', () => {
    expect(Object.keys(misuses)).to.have.lengthOf(12);
  });
});
