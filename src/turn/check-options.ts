import { createSecureContext } from "node:tls";
import { isWildcard, parseAddress } from "./ip/address.ts";
import { parseRange } from "./ip/range.ts";
import { TurnEngineError } from "./turn-engine.ts";
import type {
  PortRange,
  TurnCertificate,
  TurnListenerOptions,
  TurnOptions,
} from "./turn-options.ts";

/** 128 bits in hexadecimal: below that a secret can be guessed from one credential. */
const secretLengthMin = 32;

/**
 * What the types can't say. Throws `TurnEngineError` `bad-options` with the first finding; never
 * repeats a secret.
 */
export function checkTurnOptions(options: TurnOptions): void {
  demand(options.listeners.length > 0, "no TURN listener");
  for (const listener of options.listeners) checkListener(listener);
  checkRelay(options.relay);
  demand(/^[\x21\x23-\x5b\x5d-\x7e]{1,127}$/.test(options.realm), "the realm is not a plain name");
  demand(options.secrets.length > 0, "no TURN secret");
  for (const secret of options.secrets) {
    demand(
      secret.length >= secretLengthMin,
      `a TURN secret is under ${secretLengthMin} characters`,
    );
  }
  for (const rule of [...options.peers.allowed, ...options.peers.denied]) {
    demand(parseRange(rule.range) !== undefined, `not an address range: ${rule.range}`);
    if (rule.ports !== undefined) checkPorts(rule.ports, `of the peer rule ${rule.range}`);
  }
  for (const [name, value] of Object.entries(options.limits)) {
    demand(Number.isFinite(value) && value > 0, `the limit ${name} is not above 0`);
  }
  const { lifetimeDefaultMs, lifetimeMaxMs } = options.limits;
  demand(lifetimeDefaultMs <= lifetimeMaxMs, "the default lifetime is above the greatest");
}

function checkListener({ address, port, protocol, tls }: TurnListenerOptions): void {
  const where = `of the ${protocol} listener`;
  demand(parseAddress(address) !== undefined, `${address} ${where} is not an IP address`);
  demand(
    Number.isInteger(port) && port >= 0 && port <= 65_535,
    `the port ${where} is out of range`,
  );
  demand((protocol === "tls") === (tls !== undefined), `certificate and key ${where}: tls only`);
  if (tls !== undefined) demand(isCertificate(tls), `no certificate with its key ${where}`);
}

function isCertificate({ cert, key }: TurnCertificate): boolean {
  try {
    createSecureContext({ cert, key });
    return true;
  } catch {
    // The library's message may quote the key.
    return false;
  }
}

function checkRelay({ addresses, ports }: TurnOptions["relay"]): void {
  demand(addresses.length > 0, "no relay address");
  for (const { address, external } of addresses) {
    const local = parseAddress(address);
    const advertised = parseAddress(external ?? address);
    demand(local !== undefined, `the relay address ${address} is not an IP address`);
    demand(advertised !== undefined, `the external address ${external} is not an IP address`);
    const wildcard = [local, advertised].some((each) => each !== undefined && isWildcard(each));
    demand(!wildcard, "a relay address can't be a wildcard");
    demand(local?.family === advertised?.family, `${address} and ${external}: two families`);
  }
  checkPorts(ports, "of the relay");
}

function checkPorts({ min, max }: PortRange, where: string): void {
  const whole = Number.isInteger(min) && Number.isInteger(max);
  demand(whole && min >= 1 && max <= 65_535 && min <= max, `the port range ${where} is not one`);
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new TurnEngineError("bad-options", otherwise);
}
