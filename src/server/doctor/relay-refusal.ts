import type { TurnClientError } from "../../turn/client/client-error.ts";
import type { DoctorCheck, Finding } from "./finding.ts";
import { failed } from "./finding.ts";

export interface RelayRefusal {
  readonly check: DoctorCheck;
  /** `UDP`, `TCP` or `TLS`. */
  readonly way: string;
  /** `the relay host:port`. */
  readonly place: string;
  readonly port: number;
  readonly error: TurnClientError;
}

/** What it means that a relay did not do what was asked, and who can mend it. */
export function relayRefusal({ check, way, place, port, error }: RelayRefusal): Finding {
  const said = `${capital(place)} over ${way}: ${error.message}.`;
  switch (error.stunCode) {
    case 401:
    case 441:
      return failed(
        check,
        said,
        "Give signaling and the relay the same turn.secretsFile, and keep their clocks right.",
      );
    case 403:
      return failed(
        check,
        said,
        "Name the media server's address and port in turn.allowedPeers of the relay.",
      );
    case 440:
    case 443:
      return failed(
        check,
        said,
        "Give the relay an address of the media server's family with turn.relayAddresses.",
      );
    case 486:
    case 508:
      return failed(
        check,
        said,
        "It is full or draining: raise turn.allocations and the span of relay ports, or wait.",
      );
    default: {
      const protocol = way === "UDP" ? "UDP" : "TCP";
      return failed(
        check,
        said,
        `Open ${protocol} port ${port} to the relay in the firewall, and see that it runs there.`,
      );
    }
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
