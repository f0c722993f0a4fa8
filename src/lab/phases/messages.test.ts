import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { catalogues } from '../../cli/catalogues.ts';
import type { RunConfig, TrainerName } from '../../contracts/experiment.ts';
import { payloadBytes } from '../../training/wire.ts';
import { executeRun } from '../run.ts';
import { setUp } from '../setup.ts';
import { madeConfig } from '../testing/made-config.ts';
import { messageRecorder, type RecordedRound, sentTo } from './messages.ts';
import { phaseBytes } from './sizes.ts';
import { phaseStore, storedPhases } from './store.ts';
import { storedEntries } from './stored-entries.ts';
import { trainVictim } from './victim.ts';

const clients = 3;
const configOf = (name: TrainerName): RunConfig => ({
  ...madeConfig,
  data: { name: 'mnist', train: 60, test: 10 },
  model: { ...madeConfig.model, name: 'mlp', cut: 3 },
  trainer: { ...madeConfig.trainer, name, rounds: 3, clients, batchSize: 20 },
});

async function recordedBy(name: TrainerName, rounds: readonly number[]) {
  const setup = await setUp(configOf(name), { catalogues });
  const recorder = messageRecorder(rounds);
  const victim = await trainVictim(setup, { moments: ['end'], recorder });
  return { setup, victim, recorded: recorder.recorded() };
}

describe('recorded messages', () => {
  for (const name of ['federated', 'split', 'splitfed-v1', 'splitfed-v2'] as const) {
    it(`are all that ${name} sends in the chosen rounds`, async () => {
      const { victim, recorded } = await recordedBy(name, [1, 3]);
      expect(recorded.map(({ round }) => round)).to.deep.equal([1, 3]);
      const bytesUpTo = (round: number) => {
        const { bytesUp = 0, bytesDown = 0 } = victim.rounds[round - 1] ?? {};
        return bytesUp + bytesDown;
      };
      for (const { round, messages } of recorded) {
        const bytes = messages.reduce((sum, message) => sum + payloadBytes(message), 0);
        expect(bytes)
          .to.equal(bytesUpTo(round) - bytesUpTo(round - 1))
          .and.be.above(0);
      }
    });

    it(`of ${name} take as much on disk as is told before`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'cutlayer-messages-'));
      try {
        const { setup, recorded } = await recordedBy(name, [2]);
        const store = phaseStore({ folder, warn: (message) => expect.fail(message) });
        await store.getOrMake({ phase: 'messages', inputs: {} }, async () => recorded);
        const [{ bytes } = { bytes: 0 }] = storedEntries(folder);
        const [entry = ''] = readdirSync(folder);
        const arrays = readFileSync(join(folder, entry, 'arrays.safetensors')).length;
        expect(arrays / phaseBytes(setup, [], new Map()).round).to.be.within(0.98, 1.05);
        expect(bytes).to.be.at.least(arrays);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  it('show each party what it was sent, and nothing else', async () => {
    const { recorded, setup } = await recordedBy('splitfed-v1', [2]);
    const [round = { round: 0, messages: [] }] = recorded;
    const smashed = sentTo('main-server', round).map((message) => message.kind);
    expect(new Set(smashed)).to.deep.equal(new Set(['smashed-data']));
    expect(sentTo('fed-server', round).map(({ from }) => from)).to.have.members(['client-0', 'client-1', 'client-2']);
    expect(new Set(sentTo('client-1', round).map(({ kind }) => kind))).to.deep.equal(
      new Set(['global-model', 'cut-gradient']),
    );
    const labels = sentTo('main-server', round).flatMap((message) => ('labels' in message ? [...message.labels] : []));
    expect(labels.sort()).to.deep.equal([...setup.data.train.labels].sort()); // one local epoch: each example once
  });

  it('are kept with the victim, sent again where they were removed, and change no figure', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cutlayer-messages-'));
    try {
      const phases = phaseStore({ folder, warn: (message) => expect.fail(message) });
      const options = { catalogues, engine: 'onnx', threads: 1, progress: () => {} } as const;
      const run = (recordedRounds?: readonly number[]) =>
        executeRun(configOf('splitfed-v1'), { ...options, phases, recordedRounds });
      const entries = (phase: string) => storedEntries(folder).filter((entry) => entry.phase === phase);
      const [plain, recording] = [await run(), await run([2])];
      expect({ ...recording, timings: [] }).to.deep.equal({ ...plain, timings: [] });
      expect([entries('train').length, entries('messages').length]).to.deep.equal([2, 1]);
      const place = join(folder, `messages-${entries('messages')[0]?.key}`);
      const { inputs } = JSON.parse(readFileSync(join(place, 'phase.json'), 'utf8'));
      const stored = async () =>
        (await phases.getOrMake({ phase: 'messages', inputs }, async () => [])) as readonly RecordedRound[];
      const before = await stored();
      expect(before.map(({ round }) => round)).to.deep.equal([2]);
      storedPhases(folder).forget({ phase: 'messages', inputs });
      await run([2]);
      expect(await stored()).to.deep.equal(before);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
