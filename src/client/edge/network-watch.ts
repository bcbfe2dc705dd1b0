/** The part of the Network Information API that is used; browsers other than Chromium have none. */
interface ConnectionInfo extends EventTarget {
  /** `wifi`, `cellular` …; only where the system tells. */
  readonly type?: string;
}

/**
 * Calls back when the device may be on another network. The returned function ends that. Estimates
 * of its speed change all the time, and mean nothing here.
 */
export function watchNetwork(onChange: () => void): () => void {
  const connection = connectionInfo();
  let kind = connection?.type;
  const onConnection = () => {
    const before = kind;
    kind = connection?.type;
    if (kind !== before) onChange();
  };
  globalThis.addEventListener("online", onChange);
  connection?.addEventListener("change", onConnection);
  return () => {
    globalThis.removeEventListener("online", onChange);
    connection?.removeEventListener("change", onConnection);
  };
}

function connectionInfo(): ConnectionInfo | undefined {
  const found: unknown = Reflect.get(globalThis.navigator, "connection");
  return found instanceof EventTarget ? found : undefined;
}
