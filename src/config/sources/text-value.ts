import type { Setting } from "../catalogue.ts";

/**
 * Reads a variable or a flag as the setting's kind. What doesn't read that way stays a text, which
 * the schema then refuses.
 */
export function textValue(setting: Setting, text: string): unknown {
  switch (setting.kind) {
    case "integer":
      return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "list":
      return listValue(text);
    case "text":
      return text;
  }
}

/** Parts between commas or line ends. */
export function listValue(text: string): string[] {
  return text
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
