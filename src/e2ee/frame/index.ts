export { CIPHER_SUITES, DEFAULT_CIPHER_SUITE } from "./cipher-suite.ts";
export type { CipherSuite, CipherSuiteId } from "./cipher-suite.ts";
export { codecOf, SEALABLE_MIME_TYPES } from "./codecs.ts";

export type { EpochKeys, LeafOwner } from "./epoch-keys.ts";
export type { FrameCodec, FrameParts } from "./frame-codec.ts";
export { FrameError } from "./frame-error.ts";
export type { FrameErrorCode } from "./frame-error.ts";
export { FrameOpener } from "./frame-opener.ts";
export type { StreamOwner } from "./frame-opener.ts";
export { FrameSealer } from "./frame-sealer.ts";
export { decodeHeader, encodeHeader } from "./header.ts";
export type { DecodedHeader, FrameHeader } from "./header.ts";
export { Keyring } from "./keyring.ts";
export type { KeyringOptions, SetEpochOptions } from "./keyring.ts";
export { OPEN_REFUSALS, SEAL_REFUSALS } from "./outcomes.ts";
export type { OpenOutcome, OpenRefusal, SealOutcome, SealRefusal } from "./outcomes.ts";
export { openSFrame, sealSFrame } from "./sframe.ts";
export { SpentKeys } from "./spent-keys.ts";
