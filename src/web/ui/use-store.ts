import { useSyncExternalStore } from "react";
import type { Readable } from "../state/store.ts";

/** The present value of a store; the view renders again when it changes. */
export function useStore<State>(store: Readable<State>): State {
  return useSyncExternalStore(store.subscribe, store.get);
}
