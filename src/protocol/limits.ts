/**
 * The shape limits of messages. They belong to the contract: both sides refuse what exceeds them.
 * Limits that an operator chooses (participants in a room, requests a second) are configuration.
 */
export const LIMITS = {
  /** Bytes of an MLS commit: 2.7 kB for each that it lets in, 1.2 kB for each it is sealed to. */
  commitBytes: 2_097_152,
  /** Bytes of an MLS KeyPackage: 2.7 kB, or 14.4 kB with post-quantum signatures. */
  keyPackageBytes: 16_384,
  /** KeyPackages that a member is given at once. */
  keyPackagesPerCommit: 256,
  /** Bytes of the KeyPackages that a member is given at once, each with its length. */
  packedKeyPackagesBytes: 256 * (4_096 + 4),
  /** Bytes of an MLS Welcome: the tree, and 1.2 kB for each that it lets in. */
  welcomeBytes: 4_194_304,
  /** Bytes of an MLS GroupInfo with its ratchet tree: 538 kB at 200 members. */
  groupInfoBytes: 4_194_304,
  /** Bytes of one encrypted application message. */
  messageBytes: 65_536,
  /** Bytes of the text of one packet from a client, that is of a request without its binary data. */
  textPacketBytes: 262_144,
  /**
   * Commits that one answer to `group:commits` carries. Each is a binary attachment of its own, and
   * Socket.IO's parsers take a packet with more than 10 of them for an attack and disconnect.
   */
  commitsPerAnswer: 10,
  participantsInSnapshot: 5_000,
  producersPerParticipant: 16,
  codecs: 64,
  headerExtensions: 32,
  encodings: 8,
  rtcpFeedbacks: 16,
  codecParameters: 32,
  fingerprints: 8,
  iceCandidates: 64,
  iceServers: 16,
  /** Regions that a deployment relays from. */
  regions: 32,
  /** Characters of the name of one. */
  regionCharacters: 32,
  /** Characters of a name or a value within RTP parameters, and of an id that the server made. */
  textCharacters: 256,
  /** Characters of a message that explains an error. */
  errorCharacters: 1_024,
} as const;
