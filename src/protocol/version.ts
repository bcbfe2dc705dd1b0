/**
 * Version of the wire contract, sent by clients in the handshake. It grows with every change that
 * an older peer would misread; a server answers a version it does not speak with
 * `protocol-unsupported`.
 */
export const PROTOCOL_VERSION = 1;

/** The path at which a server answers Socket.IO's Engine.IO requests. */
export const SIGNALING_PATH = "/signaling";
