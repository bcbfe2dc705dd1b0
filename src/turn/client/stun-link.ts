import type { ClientWire, WireTarget } from "./client-wire.ts";
import { openWire } from "./client-wire.ts";
import { StunTransactions } from "./stun-transactions.ts";

/** A connection on which questions are asked. */
export interface StunLink {
  readonly wire: ClientWire;
  readonly transactions: StunTransactions;
  readonly close: (reason: string) => void;
}

/** Both the connection and each answer may take `timeoutMs`. Rejects with `TurnClientError`. */
export async function openStunLink(
  target: WireTarget,
  timeoutMs: number,
  onOther: (bytes: Buffer) => void = () => {},
): Promise<StunLink> {
  const wire = await openWire(target, AbortSignal.timeout(timeoutMs));
  const send = (bytes: Buffer) => {
    wire.send(bytes);
  };
  const transactions = new StunTransactions({ send, lossy: wire.lossy, timeoutMs });
  const close = (reason: string) => {
    transactions.close(reason);
    wire.close();
  };
  wire.listen({
    onMessage: (bytes) => {
      if (!transactions.take(bytes)) onOther(bytes);
    },
    onEnd: close,
  });
  return { wire, transactions, close };
}
