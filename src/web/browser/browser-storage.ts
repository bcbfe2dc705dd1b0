import type { TextStorage } from "../state/preferences.ts";

/** `localStorage`, looked up at each use: where storing is forbidden, already the look-up throws. */
export function browserStorage(window: Window): TextStorage {
  return {
    getItem: (key) => window.localStorage.getItem(key),
    setItem: (key, value) => {
      window.localStorage.setItem(key, value);
    },
  };
}
