import { parseArgs } from "node:util";
import type { SrtpProfile } from "../../loadtest/engine/media-engine.ts";

const PROFILES: readonly SrtpProfile[] = [
  "AEAD_AES_128_GCM",
  "AEAD_AES_256_GCM",
  "AES_CM_128_HMAC_SHA1_80",
];

export interface BenchOptions {
  readonly json: boolean;
  readonly pairs: number;
  readonly seconds: number;
  readonly publishers: number;
  readonly viewers: number;
  readonly srtpProfile: SrtpProfile;
  /** Of the frames that viewers get; the others are put together and counted. */
  readonly openShare: number;
  readonly maxConsumers: number;
}

/** Reads the command line. Throws for what it doesn't understand. */
export function readOptions(defaults: { readonly seconds: number }): BenchOptions {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      pairs: { type: "string", default: "8" },
      seconds: { type: "string", default: String(defaults.seconds) },
      publishers: { type: "string", default: "10" },
      viewers: { type: "string", default: "40" },
      profile: { type: "string", default: "AEAD_AES_128_GCM" },
      "open-share": { type: "string", default: "0.1" },
      "max-consumers": { type: "string", default: "4000" },
    },
  });
  const srtpProfile = PROFILES.find((name) => name === values.profile);
  if (srtpProfile === undefined) throw new Error(`--profile is one of ${PROFILES.join(", ")}`);
  return {
    json: values.json,
    srtpProfile,
    pairs: positive("pairs", values.pairs),
    seconds: positive("seconds", values.seconds),
    publishers: positive("publishers", values.publishers),
    viewers: positive("viewers", values.viewers),
    openShare: positive("open-share", values["open-share"]),
    maxConsumers: positive("max-consumers", values["max-consumers"]),
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0, not ${text}`);
  return value;
}
