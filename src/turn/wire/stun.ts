/** Numbers of RFC 8489 (STUN) and RFC 8656 (TURN), and arithmetic on the message type. */

export const magicCookie = 0x2112a442;
export const headerBytes = 20;
export const attributeHeaderBytes = 4;
/** Added to the checksum so that it can't be taken for one of another protocol (section 14.7). */
export const fingerprintXor = 0x5354554e;

export const method = {
  binding: 0x001,
  allocate: 0x003,
  refresh: 0x004,
  send: 0x006,
  data: 0x007,
  createPermission: 0x008,
  channelBind: 0x009,
} as const;

export const messageClass = { request: 0, indication: 1, success: 2, error: 3 } as const;
export type MessageClass = (typeof messageClass)[keyof typeof messageClass];

export const attribute = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  channelNumber: 0x000c,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedAddressFamily: 0x0017,
  evenPort: 0x0018,
  requestedTransport: 0x0019,
  dontFragment: 0x001a,
  xorMappedAddress: 0x0020,
  reservationToken: 0x0022,
  additionalAddressFamily: 0x8000,
  addressErrorCode: 0x8001,
  software: 0x8022,
  fingerprint: 0x8028,
} as const;

/** Values of address family fields (RFC 8489 section 14.1). */
export const familyCode = { 4: 0x01, 6: 0x02 } as const;

/** IANA's protocol number of UDP, the only REQUESTED-TRANSPORT that there is. */
export const udpProtocol = 17;

/** RFC 5766's range, of which RFC 8656 section 12 kept the first quarter for new clients. */
export const firstChannel = 0x4000;
export const lastChannel = 0x7fff;

/** RFC 8489 section 5: the two class bits lie between the method's. */
export function messageType(methodNumber: number, classNumber: MessageClass): number {
  return (
    ((methodNumber & 0xf80) << 2) |
    ((methodNumber & 0x070) << 1) |
    (methodNumber & 0x00f) |
    ((classNumber & 2) << 7) |
    ((classNumber & 1) << 4)
  );
}

export function methodOf(type: number): number {
  return ((type >> 2) & 0xf80) | ((type >> 1) & 0x070) | (type & 0x00f);
}

export function classOf(type: number): MessageClass {
  const high = (type & 0x100) !== 0;
  if ((type & 0x010) !== 0) return high ? messageClass.error : messageClass.indication;
  return high ? messageClass.success : messageClass.request;
}

export function padded(length: number): number {
  return (length + 3) & ~3;
}
