/** Checks of numbers. Each throws a RangeError that says what was given, what is allowed and what to do. */

function reject(name: string, value: number, allowed: string, advice: string): never {
  throw new RangeError(`${name} must be ${allowed}, but is ${value}. ${advice}`);
}

/** (0, ∞] with `infinite`, else (0, ∞). */
export function requirePositive(name: string, value: number, advice: string): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) reject(name, value, 'a positive number', advice);
}

/** [0, ∞]. */
export function requireNonNegative(name: string, value: number, advice: string): void {
  if (!(value >= 0)) reject(name, value, 'at least 0', advice);
}

/** [0, 1]. */
export function requireRate(name: string, value: number, advice: string): void {
  if (!(value >= 0 && value <= 1)) reject(name, value, 'between 0 and 1', advice);
}

/** [0, 1). */
export function requireDelta(delta: number): void {
  const allowed = 'at least 0 and below 1';
  if (!(delta >= 0 && delta < 1)) reject('delta', delta, allowed, 'Take a value well below 1 ÷ (number of records).');
}

/** 0, 1, 2, … up to 2⁵³. */
export function requireCount(name: string, value: number, advice: string): void {
  if (!(Number.isSafeInteger(value) && value >= 0)) reject(name, value, 'a whole number, at least 0', advice);
}

/** (1, ∞]. */
export function requireOrder(order: number): void {
  if (!(order > 1)) reject('order', order, 'above 1', 'Rényi orders from 1.01 to 1000 are usual; Infinity is pure DP.');
}
