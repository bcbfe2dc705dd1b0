import { networkInterfaces } from "node:os";

/**
 * The addresses by which other machines may reach this one: neither loopback nor link-local, which
 * would need a zone that differs on each machine. IPv4 comes first.
 */
export function localAddresses(interfaces = networkInterfaces()): string[] {
  const found = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !isLinkLocal(address))
    .sort((left, right) => left.family.localeCompare(right.family))
    .map(({ address }) => address);
  return [...new Set(found)];
}

/** RFC 3927 and RFC 4291 section 2.5.6. */
function isLinkLocal(address: string): boolean {
  return address.startsWith("169.254.") || /^fe[89ab]/i.test(address);
}
