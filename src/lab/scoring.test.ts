import { expect } from 'chai';
import { ndarray } from '../arrays/ndarray.ts';
import type { Observation, Reconstruction, ViewName } from '../contracts/attack.ts';
import { batchOf } from '../data/batches.ts';
import { blobs } from '../training/testing/small-task.ts';
import { scoreAttack } from './scoring.ts';

const data = blobs(20, 'train');
const auxiliary = blobs(30, 'test');
const victims = [Int32Array.of(3, 5, 8), Int32Array.of(9)];

const observations: Observation<ViewName>[] = victims.map((indices) => ({
  view: 'servers',
  round: 1,
  batchSize: indices.length,
  releases: [],
}));

/** The truth itself, its batches in another order. */
function perfect(order = [2, 0, 1]): Reconstruction[] {
  return victims.map((indices) => {
    const shuffled = indices.length === 3 ? Int32Array.from(order, (i) => indices[i] as number) : indices;
    const labels = shuffled.map((index) => data.labels[index] as number);
    return { images: batchOf(data, shuffled).x, labels, objective: 0 };
  });
}

function scoresOf(reconstructions: Reconstruction[], given = observations) {
  const { scores } = scoreAttack({ data, auxiliary, victims, observations: given, reconstructions });
  return Object.fromEntries(scores.map((score) => [score.metric, score]));
}

describe('scoreAttack', () => {
  it('matches reconstructions to originals within a batch, images and labels together', () => {
    const scores = scoresOf(perfect());
    expect(scores['psnr']?.leakage).to.equal(60);
    expect(scores['ssim']?.leakage).to.be.closeTo(1, 1e-9);
    expect(scores['mse']?.leakage).to.equal(0);
    expect(scores['label_accuracy']?.leakage).to.equal(1);
  });

  it('compares with guessing on the same victims: the better of mean image and gray, and the majority label', () => {
    const gray: Reconstruction[] = victims.map((indices) => ({
      images: ndarray([indices.length, ...data.shape], new Float32Array(indices.length * 64).fill(0.5)),
      objective: 0,
    }));
    const scores = scoresOf(gray);
    expect(scores['mse']?.control).to.be.at.most(scores['mse']?.leakage as number);
    expect(scores['psnr']?.control).to.be.at.least(scores['psnr']?.leakage as number);
    expect(scores).to.not.have.property('label_accuracy'); // no labels were guessed
  });

  it('is worse for worse images', () => {
    const noisy = perfect().map(({ images, ...rest }) => ({
      ...rest,
      images: images && { ...images, data: images.data.map((v, i) => v + (i % 2 ? 0.3 : -0.3)) },
    })) as Reconstruction[];
    expect(scoresOf(noisy)['psnr']?.leakage).to.be.within(5, 20);
  });

  it('measures the dependence of smashed data on inputs where the main server looks', () => {
    const four = [Int32Array.of(0, 1, 2, 3, 4, 5)];
    const { x } = batchOf(data, four[0] as Int32Array);
    const observation: Observation<'main-server'> = {
      view: 'main-server',
      round: 'end',
      batchSize: 6,
      releases: [{ smashed: x, labels: new Int32Array(6), serverParams: [], serverGradient: [] }],
    };
    const reconstructions: Reconstruction[] = [{ images: x, objective: 0 }];
    const { scores } = scoreAttack({ data, auxiliary, victims: four, observations: [observation], reconstructions });
    const dependence = scores.find((score) => score.metric === 'distance_correlation');
    expect(dependence).to.deep.include({ control: 0 });
    expect(dependence?.leakage).to.be.closeTo(1, 1e-6); // the inputs themselves
  });

  it('shows originals and reconstructions side by side', () => {
    const { gallery } = scoreAttack({ data, auxiliary, victims, observations, reconstructions: perfect() });
    expect(gallery.originals).to.have.length(4);
    expect(gallery.reconstructions).to.deep.equal(gallery.originals);
  });
});
