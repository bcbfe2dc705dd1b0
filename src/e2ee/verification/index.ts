export type { CodeEmoji } from "./code-emoji.ts";
export type { EpochCode } from "./epoch-code.ts";
export { epochCode } from "./epoch-code.ts";
export type { SafetyParty } from "./safety-number.ts";
export { safetyNumber } from "./safety-number.ts";
export type { IdentityClaim, IdentityKey } from "./identity-proof.ts";
export { proveIdentity, verifyIdentity } from "./identity-proof.ts";
