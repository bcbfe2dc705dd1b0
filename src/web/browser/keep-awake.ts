/**
 * Holds a screen wake lock until the returned function is called. The browser takes the lock away
 * when the page is hidden, so it is asked for again when the page is back.
 */
export function keepAwake(document: Document, navigator: Navigator): () => void {
  let lock: WakeLockSentinel | null = null;
  let ended = false;
  const request = async () => {
    if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    try {
      const granted = await navigator.wakeLock.request("screen");
      if (ended) await granted.release();
      else lock = granted;
    } catch {
      // An empty battery or a policy: the call goes on, the screen may go dark.
    }
  };
  const onVisible = () => void request();
  document.addEventListener("visibilitychange", onVisible);
  void request();
  return () => {
    ended = true;
    document.removeEventListener("visibilitychange", onVisible);
    void lock?.release();
  };
}
