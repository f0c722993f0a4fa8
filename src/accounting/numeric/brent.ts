/** Roots and minima of functions of one variable (R. P. Brent, «Algorithms for Minimization without Derivatives», 1973). */

const GOLDEN = 0.3819660112501051;
const MACHINE = 2.220446049250313e-16;

export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Absolute tolerance on the argument. */
  readonly tolerance: number;
}

/** The point of Brent's next trial: inverse quadratic or secant where it behaves, else the middle. */
function nextStep(
  points: { a: number; b: number; c: number; fa: number; fb: number; fc: number },
  last: number,
): number {
  const { a, b, c, fa, fb, fc } = points;
  const half = 0.5 * (c - b);
  const s = fb / fa;
  const q0 = fa / fc;
  const r = fb / fc;
  let p = a === c ? 2 * half * s : s * (2 * half * q0 * (q0 - r) - (b - a) * (r - 1));
  let q = a === c ? 1 - s : (q0 - 1) * (r - 1) * (s - 1);
  if (p > 0) q = -q;
  p = Math.abs(p);
  return 2 * p < Math.min(3 * half * q, Math.abs(last * q)) ? p / q : Number.NaN;
}

/** A zero of `f` between `low` and `high`, whose signs differ (an end is returned where they do not). */
export function findRoot(f: (x: number) => number, { low, high, tolerance }: Interval): number {
  let [a, b, fa, fb] = [low, high, f(low), f(high)];
  if (fa * fb > 0) return Math.abs(fa) < Math.abs(fb) ? a : b;
  let [c, fc, step, last] = [a, fa, b - a, b - a];
  for (let trial = 0; trial < 200 && fb !== 0; trial++) {
    if (fb > 0 === fc > 0) [c, fc, step, last] = [a, fa, b - a, b - a];
    if (Math.abs(fc) < Math.abs(fb)) [a, b, c, fa, fb, fc] = [b, c, b, fb, fc, fb];
    const smallest = 2 * MACHINE * Math.abs(b) + 0.5 * tolerance;
    const half = 0.5 * (c - b);
    if (Math.abs(half) <= smallest) break;
    const trialStep =
      Math.abs(last) >= smallest && Math.abs(fa) > Math.abs(fb) ? nextStep({ a, b, c, fa, fb, fc }, last) : Number.NaN;
    [last, step] = Number.isNaN(trialStep) ? [half, half] : [step, trialStep];
    [a, fa] = [b, fb];
    b += Math.abs(step) > smallest ? step : Math.sign(half) * smallest;
    fb = f(b);
  }
  return b;
}

/** The argument at which a unimodal `f` is least, by parabolas and golden sections. */
export function minimize(f: (x: number) => number, { low, high, tolerance }: Interval): number {
  let [a, b] = [low, high];
  let x = a + GOLDEN * (b - a);
  let [w, v, step, last] = [x, x, 0, 0];
  let fx = f(x);
  let [fw, fv] = [fx, fx];
  for (let trial = 0; trial < 200; trial++) {
    const middle = 0.5 * (a + b);
    const smallest = tolerance + MACHINE * Math.abs(x);
    if (Math.abs(x - middle) <= 2 * smallest - 0.5 * (b - a)) break;
    const r = (x - w) * (fx - fv);
    const s = (x - v) * (fx - fw);
    const q = 2 * (s - r);
    const p = ((x - v) * s - (x - w) * r) * (q > 0 ? -1 : 1);
    const scale = Math.abs(q);
    const parabola =
      Math.abs(p) < Math.abs(0.5 * scale * last) && p > scale * (a - x) && p < scale * (b - x) && scale > 0;
    last = parabola ? step : x >= middle ? a - x : b - x;
    step = parabola ? p / scale : GOLDEN * last;
    const u = x + (Math.abs(step) >= smallest ? step : step > 0 ? smallest : -smallest);
    const fu = f(u);
    if (fu <= fx) {
      if (u >= x) a = x;
      else b = x;
      [v, fv, w, fw, x, fx] = [w, fw, x, fx, u, fu];
    } else {
      if (u < x) a = u;
      else b = u;
      if (fu <= fw || w === x) [v, fv, w, fw] = [w, fw, u, fu];
      else if (fu <= fv || v === x || v === w) [v, fv] = [u, fu];
    }
  }
  return x;
}
