/** Time as a parameter, so that a test moves it by hand instead of waiting. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls back once after `delayMs`; the returned function cancels that. */
  after(delayMs: number, callback: () => void): () => void;
  /** Calls back each `periodMs`; the returned function ends that. */
  every(periodMs: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
  every(periodMs, callback) {
    const timer = setInterval(callback, periodMs);
    return () => {
      clearInterval(timer);
    };
  },
};
