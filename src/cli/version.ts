import { readFileSync } from "node:fs";
import { EXIT, say } from "./console.ts";

export function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const manifest: unknown = JSON.parse(text);
  const isManifest = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return isManifest ? String(manifest.version) : "unknown";
}

export function printVersion(): number {
  say(`${version()}\n`);
  return EXIT.ok;
}
