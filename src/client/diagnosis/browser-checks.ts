import { canTransform } from "../../e2ee/worker/index.ts";
import type { DiagnosisStep } from "./diagnosis-step.ts";

export function checkSecureContext(): DiagnosisStep {
  return { check: "secure-context", state: globalThis.isSecureContext ? "ok" : "failed" };
}

/** What sealing a frame needs: transforms in the browser, and AES-GCM that opens what it sealed. */
export async function checkEncryption(): Promise<DiagnosisStep> {
  const check = "encryption";
  if (!canTransform() || !("Worker" in globalThis)) {
    return { check, state: "failed", reason: "no-transform" };
  }
  try {
    if (await sealsAndOpens()) return { check, state: "ok" };
  } catch {
    // Outside of a secure context there is no `crypto.subtle` at all.
  }
  return { check, state: "failed", reason: "no-crypto" };
}

async function sealsAndOpens(): Promise<boolean> {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
  const algorithm = { name: "AES-GCM", iv: crypto.getRandomValues(new Uint8Array(12)) };
  const frame = crypto.getRandomValues(new Uint8Array(1_200));
  const sealed = await crypto.subtle.encrypt(algorithm, key, frame);
  const opened = new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed));
  return opened.length === frame.length && opened.every((byte, at) => byte === frame[at]);
}

const clockToleranceMs = 30_000;

/** This machine's clock against the server's, by the header that every answer of HTTP has. */
export async function checkClock(origin: string, signal: AbortSignal): Promise<DiagnosisStep> {
  const check = "clock";
  try {
    const askedAtMs = Date.now();
    const response = await fetch(origin, { method: "HEAD", cache: "no-store", signal });
    const halfwayMs = (askedAtMs + Date.now()) / 2;
    const serverMs = Date.parse(response.headers.get("date") ?? "");
    if (Number.isNaN(serverMs)) return { check, state: "failed", reason: "unreachable" };
    // The header has whole seconds, cut off.
    const clockAheadMs = Math.round(halfwayMs - serverMs - 500);
    return Math.abs(clockAheadMs) <= clockToleranceMs
      ? { check, state: "ok", clockAheadMs }
      : { check, state: "failed", reason: "clock-differs", clockAheadMs };
  } catch {
    return { check, state: "failed", reason: "unreachable" };
  }
}
