import { Aes256Gcm, CipherSuite, HkdfSha512 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import type { CiphersuiteImpl, ClientConfig, ClientState } from "ts-mls";
import { getCiphersuiteFromName } from "ts-mls/crypto/ciphersuite.js";
import { makeGenericHpke } from "ts-mls/crypto/implementation/hpke.js";
import { aesGcm } from "../../../../src/e2ee/group/mls/aes-gcm.ts";
import type { LeafKeys } from "../../../../src/e2ee/group/mls/own-leaf.ts";
import type { MlsState } from "../../../../src/e2ee/group/mls/state.ts";
import { suiteOf } from "../../../../src/e2ee/group/mls/cipher-suite.ts";

/** The suite that a link asks for unless it says otherwise. */
export const SUITE = suiteOf({ signatures: "classical" });

/** Somebody who uses the library without any of our checks. */
export const TRUSTING: ClientConfig = {
  keyRetentionConfig: {
    retainKeysForEpochs: 4,
    retainKeysForGenerations: 4,
    maximumForwardRatchetSteps: 10,
  },
  lifetimeConfig: { maximumTotalLifetime: 1n, validateLifetimeOnReceive: false },
  keyPackageEqualityConfig: {
    compareKeyPackages: () => false,
    compareKeyPackageToLeafNode: () => false,
  },
  paddingConfig: { kind: "padUntilLength", padUntilLength: 0 },
  authService: { validateCredential: async () => true },
};

/** Our state as the library can go on with it. */
export function forLibrary(state: MlsState): ClientState {
  const { privatePath } = state;
  return {
    ...state,
    privatePath: { ...privatePath },
    historicalReceiverData: new Map(),
    unappliedProposals: {},
    groupActiveState: { kind: "active" },
    clientConfig: TRUSTING,
  };
}

export function generateLeafKeys(): Promise<LeafKeys> {
  return SUITE.signature.keygen();
}

/** Our suite with others' X-Wing and HPKE, for the MLS library's own operations. */
export async function librarySuite(): Promise<CiphersuiteImpl> {
  const algorithms = getCiphersuiteFromName(SUITE.name).hpke;
  const hpke = new CipherSuite({
    kem: new XWing(),
    kdf: new HkdfSha512(),
    aead: new Aes256Gcm(),
  });
  return { ...SUITE, hpke: await makeGenericHpke(algorithms, aesGcm, hpke) };
}
