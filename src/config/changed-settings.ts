import { isDeepStrictEqual } from "node:util";
import { settings } from "./catalogue.ts";
import type { Config } from "./schema.ts";
import { Secret } from "./secret.ts";

/** The keys, such as `http.port`, of the settings that are not the same in both. */
export function changedSettings(before: Config, after: Config): string[] {
  const [old, new_] = [plainSettings(before), plainSettings(after)];
  return settings
    .map(({ key }) => key)
    .filter((key) => !isDeepStrictEqual(old.get(key), new_.get(key)));
}

function plainSettings(config: Config): Map<string, unknown> {
  const plain = new Map<string, unknown>();
  for (const { section, name, key } of settings) {
    const place: unknown = section === undefined ? config : Reflect.get(config, section);
    plain.set(key, comparable(Reflect.get(Object(place), name)));
  }
  return plain;
}

/** Secrets hold their values where no comparison sees them. */
function comparable(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, comparable(item)]));
}
