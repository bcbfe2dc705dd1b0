export const PACKET_COUNTERS = [
  "packetsSent",
  "bytesSent",
  "packetsReceived",
  "bytesReceived",
  "packetsExpected",
  "packetsLost",
  "packetsRepaired",
] as const;

/** Packets of RTP and their bytes, of one engine or of many. */
export class PacketCounters implements Record<(typeof PACKET_COUNTERS)[number], number> {
  packetsSent = 0;
  bytesSent = 0;
  packetsReceived = 0;
  bytesReceived = 0;
  packetsExpected = 0;
  packetsLost = 0;
  packetsRepaired = 0;
}
