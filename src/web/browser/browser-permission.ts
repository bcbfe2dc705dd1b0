import type { InputPermission } from "../state/connection-test-port.ts";
import type { InputKind } from "../state/devices-port.ts";

const MEDIA_KINDS = { microphone: "audioinput", camera: "videoinput" } as const;

/** What the browser says of an input. Opens nothing, and asks nobody. */
export async function browserPermission(kind: InputKind): Promise<InputPermission> {
  // Outside of secure contexts there are no devices, whatever the types say.
  if (!("mediaDevices" in navigator)) return "unknown";
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  if (!devices.some((device) => device.kind === MEDIA_KINDS[kind])) return "missing";
  try {
    return (await navigator.permissions.query({ name: kind })).state;
  } catch {
    // Older browsers don't tell of these.
    return "unknown";
  }
}
