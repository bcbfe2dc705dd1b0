import { parseAddress } from "../ip/address.ts";
import type { PeerPolicy } from "../peer-policy.ts";
import type { RequestRefusal, TurnCounters } from "../turn-stats.ts";

const sessionLine = /session (\d+): (.*)$/;
const newSession = /^new, realm=/;
const endedSession = /^(?:delete: realm=|closed \(2nd stage\))/;
const peerUsage = /^peer usage: .*rp=(\d+), rb=(\d+), sp=(\d+), sb=(\d+)/;
const connected = /\. tcp or tls connected to: (\S+)/;
const closedRemote = /^closed \(2nd stage\).* remote ([^\s,]+)/;
const deniedPeer = /A peer IP (\S+) denied/;
/** An error is told twice, with the method's name and then, what we count, with this one. */
const refused = /user <([^>]*)>: incoming packet message processed, error (\d+):/;

const reasons: Readonly<Record<string, RequestRefusal>> = {
  "400": "bad-request",
  "403": "peer-denied",
  "420": "unknown-attribute",
  "437": "no-allocation",
  "438": "stale-nonce",
  "440": "family-unsupported",
  "441": "wrong-credential",
  "442": "transport-unsupported",
  "443": "peer-family",
  "486": "credential-quota",
  "508": "capacity",
};

/** Counts what coturn says that it does. What it says names addresses, and goes nowhere else. */
export class CoturnLog {
  readonly #counters: TurnCounters;
  readonly #policy: PeerPolicy;
  readonly #sessions = new Set<string>();
  /** Remote addresses of TCP and TLS connections that are open. */
  readonly #connections = new Set<string>();
  #rest = "";

  /** `policy` says why a peer was denied, which coturn does not. */
  constructor(counters: TurnCounters, policy: PeerPolicy) {
    this.#counters = counters;
    this.#policy = policy;
  }

  /** Text as it comes, lines cut anywhere. */
  push(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#read(line);
  }

  #read(line: string): void {
    const [, session, said] = sessionLine.exec(line) ?? [];
    if (session === undefined || said === undefined) {
      this.#readWithoutSession(line);
      return;
    }
    this.#disconnect(closedRemote.exec(said)?.[1]);
    if (newSession.test(said)) this.#begin(session);
    else if (endedSession.test(said)) this.#end(session);
    else this.#count(said);
  }

  #readWithoutSession(line: string): void {
    const [, remote] = connected.exec(line) ?? [];
    if (remote !== undefined && !this.#connections.has(remote)) {
      this.#connections.add(remote);
      this.#counters.gauge("connections", 1);
    }
    const peer = parseAddress(deniedPeer.exec(line)?.[1] ?? "");
    // Its lists are made from our rules, and address by address they say the same.
    if (peer !== undefined) {
      this.#counters.peerRefused(this.#policy.refusalOfAddress(peer) ?? "denied");
    }
  }

  #disconnect(remote: string | undefined): void {
    if (remote === undefined || !this.#connections.delete(remote)) return;
    this.#counters.gauge("connections", -1);
  }

  #begin(session: string): void {
    if (this.#sessions.has(session)) return;
    this.#sessions.add(session);
    this.#counters.gauge("allocations", 1);
    this.#counters.gauge("relayPorts", 1);
    this.#counters.total("allocationsCreated");
  }

  #end(session: string): void {
    if (!this.#sessions.delete(session)) return;
    this.#counters.gauge("allocations", -1);
    this.#counters.gauge("relayPorts", -1);
  }

  #count(said: string): void {
    const usage = peerUsage.exec(said);
    if (usage !== null) {
      const [, fromPeers, bytesFromPeers, toPeers, bytesToPeers] = usage.map(Number);
      this.#counters.total("packetsToClients", fromPeers);
      this.#counters.total("bytesToClients", bytesFromPeers);
      this.#counters.total("packetsFromClients", toPeers);
      this.#counters.total("bytesFromClients", bytesToPeers);
      return;
    }
    const [, user, code] = refused.exec(said) ?? [];
    if (code === undefined) return;
    // It does not say whether a credential was wrong or too old.
    const unproven = user === "" ? "challenge" : "bad-credential";
    this.#counters.refused(code === "401" ? unproven : (reasons[code] ?? "bad-request"));
  }
}
