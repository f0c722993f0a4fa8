import { expect } from 'chai';
import { type Evaluation, minimize, type Objective } from './lbfgs.ts';

const at = (w: Float64Array, index: number): number => w[index] as number;

/** Σ 100 (w_{i+1} − w_i²)² + (1 − w_i)², lowest at (1, …, 1). */
const rosenbrock: Objective = async (w) => {
  const gradient = new Float64Array(w.length);
  let value = 0;
  for (let i = 0; i + 1 < w.length; i += 1) {
    const [bend, rest] = [at(w, i + 1) - at(w, i) ** 2, 1 - at(w, i)];
    value += 100 * bend ** 2 + rest ** 2;
    gradient[i] = at(gradient, i) - 400 * at(w, i) * bend - 2 * rest;
    gradient[i + 1] = at(gradient, i + 1) + 200 * bend;
  }
  return { value, gradient };
};

const rosenbrockStart = Float64Array.of(-1.2, 1, -1.2, 1, -1.2, 1);

/** Σ i w_i², rounded as a float32 objective is. */
const float32Bowl: Objective = async (w) => ({
  value: Math.fround(w.reduce((sum, x, i) => sum + (i + 1) * x * x, 0)),
  gradient: w.map((x, i) => Math.fround(2 * (i + 1) * x)),
});

describe('minimize', () => {
  it('finds the minimum of Rosenbrock’s function', async () => {
    const result = await minimize(rosenbrock, rosenbrockStart, { gradientTolerance: 1e-8 });
    expect(result.outcome).to.equal('converged');
    for (const value of result.w) expect(value).to.be.closeTo(1, 1e-8);
    expect(result.evaluations).to.be.below(150);
  });

  it('finds it with a memory of one pair, in more steps', async () => {
    const result = await minimize(rosenbrock, rosenbrockStart, { history: 1, gradientTolerance: 1e-8 });
    expect(result.outcome).to.equal('converged');
  });

  it('keeps to its budget of evaluations and returns the lowest point', async () => {
    let calls = 0;
    const values: number[] = [];
    const counted: Objective = async (w) => {
      calls += 1;
      const evaluation = await rosenbrock(w);
      values.push(evaluation.value);
      return evaluation;
    };
    const result = await minimize(counted, rosenbrockStart, { maxEvaluations: 20 });
    expect(calls).to.equal(20);
    expect(result).to.include({ outcome: 'budget', evaluations: 20 });
    expect(result.value).to.be.below(values[0] as number);
  });

  it('stops at the tolerance of the value, and when its caller says so', async () => {
    const loose = await minimize(rosenbrock, rosenbrockStart, { tolerance: 1 });
    expect(loose).to.include({ outcome: 'converged' });
    expect(loose.value).to.be.at.most(1).and.above(1e-6);
    const stopped = await minimize(rosenbrock, rosenbrockStart, { onStep: ({ iteration }) => iteration < 3 });
    expect(stopped).to.include({ outcome: 'stopped', iteration: 3 });
  });

  it('steps around values that are not finite', async () => {
    const walled: Objective = async (w) =>
      at(w, 0) > 3 ? { value: Number.NaN, gradient: Float64Array.of(Number.NaN) } : logBarrier(w);
    const result = await minimize(walled, Float64Array.of(0.1), { gradientTolerance: 1e-9 });
    expect(at(result.w, 0)).to.be.closeTo(2, 1e-6);
  });

  it('gets to the limit of float32 and stops there', async () => {
    const result = await minimize(float32Bowl, Float64Array.of(3, -2, 1), { gradientTolerance: 0 });
    expect(result.outcome).to.be.oneOf(['stalled', 'converged']);
    expect(result.value).to.be.below(1e-12);
    expect(result.evaluations).to.be.below(500);
  });

  it('descends on a kink, Σ |w|, where no gradient vanishes', async () => {
    const kinked: Objective = async (w) => ({
      value: w.reduce((sum, x) => sum + Math.abs(x), 0),
      gradient: w.map(Math.sign),
    });
    const result = await minimize(kinked, Float64Array.of(1, -0.3, 0.77), { maxEvaluations: 400 });
    expect(result.value).to.be.below(1e-2);
  });

  it('takes steps along which the slope rises, also where the function is concave', async () => {
    const wave: Objective = async (w) => ({
      value: Math.cos(at(w, 0)),
      gradient: Float64Array.of(-Math.sin(at(w, 0))),
    });
    let [last, slope] = [0.01, -Math.sin(0.01)];
    await minimize(wave, Float64Array.of(last), {
      gradientTolerance: 1e-8,
      onStep: ({ w, gradient }) => {
        expect((at(w, 0) - last) * (at(gradient, 0) - slope)).to.be.above(0);
        [last, slope] = [at(w, 0), at(gradient, 0)];
      },
    });
    expect(last).to.be.closeTo(Math.PI, 1e-6);
  });

  it('refuses a start whose value is not finite', async () => {
    const error = await minimize(async (w) => ({ value: Number.NaN, gradient: w }), Float64Array.of(1)).catch((e) => e);
    expect(error).to.be.instanceOf(RangeError);
    expect(error.message).to.equal('the start must have a finite value, but has NaN.');
  });
});

/** w − 2 ln w, lowest at 2, of values below 3. */
async function logBarrier(w: Float64Array): Promise<Evaluation> {
  return { value: at(w, 0) - 2 * Math.log(at(w, 0)), gradient: Float64Array.of(1 - 2 / at(w, 0)) };
}
