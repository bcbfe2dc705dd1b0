/** Calls back when the page goes away; the returned function ends that. */
export function onPageHide(listener: () => void): () => void {
  globalThis.addEventListener("pagehide", listener);
  return () => {
    globalThis.removeEventListener("pagehide", listener);
  };
}
