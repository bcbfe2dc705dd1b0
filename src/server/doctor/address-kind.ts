import { parseAddress } from "../../turn/ip/address.ts";
import { inRange } from "../../turn/ip/range.ts";
import { specialRanges } from "../../turn/ip/special-ranges.ts";

/** `name` is no address; `special` is one that only some network knows: private, carrier-grade NAT … */
export type AddressKind = "public" | "loopback" | "special" | "name";

export function addressKind(text: string): AddressKind {
  const address = parseAddress(text);
  if (address === undefined) return text === "localhost" ? "loopback" : "name";
  const special = specialRanges.find(({ range }) => inRange(range, address));
  if (special === undefined) return "public";
  return special.refusal === "loopback" ? "loopback" : "special";
}
