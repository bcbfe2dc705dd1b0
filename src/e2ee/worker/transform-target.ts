import type { MediaSource } from "../../protocol/media.ts";
import { MEDIA_SOURCES } from "../frame/media-source.ts";
import type { TransformTarget } from "./messages.ts";

/** Reads the options of an `RTCRtpScriptTransform`, which the browser hands over untyped. */
export function parseTransformTarget(value: unknown): TransformTarget | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const id = textOf(value, "id");
  const source = sourceOf(textOf(value, "source"));
  if (id === undefined || source === undefined) return undefined;
  const codec = textOf(value, "codec");
  const common = { id, source, ...(codec === undefined ? {} : { codec }) };
  const role = textOf(value, "role");
  if (role === "sender") return { role, ...common };
  const participantId = textOf(value, "participantId");
  if (role !== "receiver" || participantId === undefined) return undefined;
  return { role, participantId, ...common };
}

function textOf(value: object, name: string): string | undefined {
  const field: unknown = Reflect.get(value, name);
  return typeof field === "string" ? field : undefined;
}

function sourceOf(text: string | undefined): MediaSource | undefined {
  return MEDIA_SOURCES.find((source) => source === text);
}
