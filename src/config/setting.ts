import { isIP } from "node:net";
import { z } from "zod";
import { Secret } from "./secret.ts";

/** What the schema says of a setting beside its type: JSON Schema carries it to the catalogue. */
export interface SettingExtras {
  /** Relative paths are taken from the file's folder, or from the working directory. */
  readonly path?: true;
  /** Never a flag, since every user of the machine can read those; a file may hold it instead. */
  readonly secret?: true;
  /** A variable that other programs use for the same thing; ours wins. */
  readonly foreignVariable?: string;
  /** What the reference page says where there is no fixed default. */
  readonly whenUnset?: string;
  /** A form that the type doesn't tell. */
  readonly form?: string;
}

/** Adds a setting's meaning, one sentence or two, to its schema. */
export function setting<Schema extends z.ZodType>(
  schema: Schema,
  description: string,
  extras: SettingExtras = {},
): Schema {
  return schema.meta({ description, ...extras });
}

export const port = z.int().min(0).max(65_535);
export const count = z.int().min(1).max(1_000_000);
/** Up to a day, which is also what fits a Node timer. */
export const durationMs = z.int().min(1).max(86_400_000);
/** Up to 16 GiB. */
export const byteCount = z.int().min(1_024).max(17_179_869_184);
export const bitrateBps = z.int().min(10_000).max(1_000_000_000);
export const text = z.string().min(1).max(1_024);
export const path = z.string().min(1).max(4_096);

export const ipAddress = text.refine((value) => isIP(value) !== 0, {
  error: "must be an IPv4 or IPv6 address",
});

/** A name or an address that a client could use. */
export const hostName = z
  .string()
  .max(253)
  .refine(
    (value) => isIP(value) !== 0 || /^[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d-]+)*$/i.test(value),
    {
      error: "must be a host name or an IP address",
    },
  );

/** As the protocol has it: see `regionName` of src/protocol. */
export const regionName = z.string().regex(/^[A-Za-z\d][\w-]{0,31}$/, {
  error: "must be 1 to 32 letters, digits, hyphens and underscores",
});

/** `ip`, or `ip=announced` where others reach `ip` by another address. */
export const announcedAddress = text.refine(isAnnouncedAddress, {
  error: "must be `address` or `address=announced address`",
});

/** Scheme, host and port, nothing behind them. */
export const origin = text.refine(
  (value) => {
    const url = URL.parse(value);
    return (
      url !== null && /^https?:$/.test(url.protocol) && url.origin === value.replace(/\/$/, "")
    );
  },
  { error: "must be an origin like https://calls.example.org, without a path" },
);

export const SECRET_CHARACTERS_MIN = 32;
export const SECRET_CHARACTERS_MAX = 1_024;

/** Texts that become `Secret`s as soon as they have been read. */
export const secrets = z
  .array(
    z
      .string()
      .min(SECRET_CHARACTERS_MIN)
      .max(SECRET_CHARACTERS_MAX)
      .transform((value) => new Secret(value)),
  )
  .min(1)
  .max(8);

function isAnnouncedAddress(value: string): boolean {
  const [address = "", announced, ...more] = value.split("=");
  if (isIP(address) === 0 || more.length > 0) return false;
  return announced === undefined || hostName.safeParse(announced).success;
}

/** Takes a valid `ip` or `ip=announced` apart. */
export function splitAnnouncedAddress(value: string): { ip: string; announced?: string } {
  const [ip = "", announced] = value.split("=");
  return announced === undefined ? { ip } : { ip, announced };
}
