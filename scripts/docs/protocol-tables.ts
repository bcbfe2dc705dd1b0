import { z } from "zod";
import * as protocol from "../../src/protocol/index.ts";

const { clientRequests, serverRequests, notifications } = protocol;

/** Types that docs/protocol.md describes by themselves, under headings of these names. */
const NAMED_OBJECTS = {
  GroupPosition: protocol.groupPosition,
  Committed: protocol.committed,
  ParticipantSnapshot: protocol.participantSnapshot,
  ProducerSnapshot: protocol.producerSnapshot,
  TransportDescription: protocol.transportDescription,
  IceParameters: protocol.iceParameters,
  IceCandidate: protocol.iceCandidate,
  DtlsParameters: protocol.dtlsParameters,
  IceServer: protocol.iceServer,
  EdgeRegion: protocol.edgeRegion,
  RtpCapabilities: protocol.rtpCapabilities,
  RtpParameters: protocol.rtpParameters,
} as const;

const LABELS = new Map<z.core.$ZodType, string>([
  [protocol.roomId, "16 bytes in base64url"],
  [protocol.epochTag, "16 bytes in base64url"],
  [protocol.transportId, "id made by the server"],
  [protocol.regionName, "name of a region"],
  [protocol.epoch, "integer, 0 … 2⁵³−1"],
  [protocol.commitBytes, byteText(protocol.LIMITS.commitBytes)],
  [protocol.groupInfoBytes, byteText(protocol.LIMITS.groupInfoBytes)],
  [protocol.keyPackageBytes, byteText(protocol.LIMITS.keyPackageBytes)],
  [protocol.welcomeBytes, byteText(protocol.LIMITS.welcomeBytes)],
  [protocol.packedKeyPackages, byteText(protocol.LIMITS.packedKeyPackagesBytes)],
  [protocol.messageBytes, byteText(protocol.LIMITS.messageBytes)],
  [protocol.headerExtensionUri, "one of the URIs below"],
  ...Object.entries(NAMED_OBJECTS).map(([name, schema]): [z.core.$ZodType, string] => [
    schema,
    `[${name}](#${name.toLowerCase()})`,
  ]),
]);

/** The generated parts of docs/protocol.md, by the names of their markers. */
export function protocolTables(): Map<string, string> {
  const requests = Object.entries({ ...clientRequests, ...serverRequests });
  return new Map([
    ...requests.map(([name, { input, output }]): [string, string] => [
      name,
      `${fieldTable("asks with", input)}\n\n${fieldTable("is answered", output)}`,
    ]),
    ...Object.entries(notifications).map(([name, schema]): [string, string] => [
      name,
      fieldTable("tells", schema),
    ]),
    ...Object.entries(NAMED_OBJECTS).map(([name, schema]): [string, string] => [
      name,
      fieldTable("field", schema),
    ]),
    [
      "header-extensions",
      protocol.headerExtensionUri.options.map((uri) => `- \`${uri}\``).join("\n"),
    ],
    ["handshake", fieldTable("field", protocol.handshake)],
  ]);
}

/** `text` with what stands between `<!-- NAME -->` and `<!-- / -->` written anew. */
export function fillMarkers(text: string, parts: ReadonlyMap<string, string>): string {
  return text.replaceAll(
    /<!-- fields: (\S+) -->\n[\s\S]*?<!-- \/fields -->/g,
    (whole, name: string) => {
      const part = parts.get(name);
      return part === undefined ? whole : `<!-- fields: ${name} -->\n\n${part}\n\n<!-- /fields -->`;
    },
  );
}

function fieldTable(title: string, schema: z.ZodObject): string {
  const rows = fieldRows(schema, "");
  if (rows.length === 0) return `${title}: \`{}\``;
  return [`| ${title} | type |`, "| --- | --- |", ...rows].join("\n");
}

function fieldRows(schema: z.ZodObject, prefix: string): string[] {
  return Object.entries(schema.shape).flatMap(([key, field]) => {
    const optional = field instanceof z.ZodExactOptional;
    const path = `${prefix}${key}`;
    const row = `| \`${path}\`${optional ? " (may be left out)" : ""} | ${typeText(field)} |`;
    const inner = innerObject(field);
    return inner === undefined ? [row] : [row, ...fieldRows(inner, `${path}${listMark(field)}.`)];
  });
}

/** An object whose fields the table shows, since it has no name of its own. */
function innerObject(field: z.core.$ZodType): z.ZodObject | undefined {
  if (LABELS.has(field)) return undefined;
  if (field instanceof z.ZodObject) return field;
  if (field instanceof z.ZodExactOptional || field instanceof z.ZodNullable) {
    return innerObject(field.unwrap());
  }
  return field instanceof z.ZodArray ? innerObject(field.element) : undefined;
}

function listMark(field: z.core.$ZodType): string {
  if (field instanceof z.ZodExactOptional) return listMark(field.unwrap());
  return field instanceof z.ZodArray ? "[]" : "";
}

function typeText(field: z.core.$ZodType): string {
  const label = LABELS.get(field);
  if (label !== undefined) return label;
  if (field instanceof z.ZodExactOptional) return typeText(field.unwrap());
  if (field instanceof z.ZodNullable) return `${typeText(field.unwrap())}, or null`;
  if (field instanceof z.ZodObject) return "object";
  if (field instanceof z.ZodArray) return listText(field);
  if (field instanceof z.ZodEnum) {
    return field.options.map((option) => `\`${String(option)}\``).join(", ");
  }
  if (field instanceof z.ZodBoolean) return "true or false";
  if (field instanceof z.ZodNumber) return numberText(field);
  if (field instanceof z.ZodString) return stringText(field);
  if (field instanceof z.ZodRecord) {
    const most = protocol.LIMITS.codecParameters;
    return `object of at most ${most} texts, numbers, truth values or nulls`;
  }
  throw new Error(`no words for ${field.constructor.name}`);
}

function listText(field: z.ZodArray): string {
  const { minItems, maxItems } = z.toJSONSchema(field, { unrepresentable: "any" });
  if (maxItems === undefined) throw new Error("a list without a limit");
  return `list of ${minItems ?? 0} to ${maxItems}: ${typeText(field.element)}`;
}

function numberText(field: z.ZodNumber): string {
  const kind = field.format === null ? "number" : "integer";
  const bounded = (value: number | null) => value !== null && Number.isSafeInteger(value);
  const limits = bounded(field.minValue) && bounded(field.maxValue);
  return limits ? `${kind}, ${field.minValue} … ${field.maxValue}` : kind;
}

function stringText(field: z.ZodString): string {
  const most = `at most ${field.maxLength ?? "any number of"} characters`;
  return field.format === "regex" ? `printable ASCII, ${most}` : `text, ${most}`;
}

function byteText(most: number): string {
  return `1 to ${most.toLocaleString("en")} bytes`;
}
