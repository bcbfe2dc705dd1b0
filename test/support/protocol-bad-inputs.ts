import { z } from "zod";
import { LIMITS } from "../../src/protocol/index.ts";
import { optionalKeys, validSample } from "./protocol-samples.ts";

export interface BadInput {
  readonly what: string;
  readonly input: unknown;
}

/** Everything wrong that can be made of a request's schema: one fault at a time. */
export function badInputs(schema: z.ZodObject): BadInput[] {
  const valid = z.record(z.string(), z.unknown()).parse(validSample(schema));
  return [
    ...notObjects(),
    { what: "an extra field", input: { ...valid, extra: 1 } },
    { what: "an extra __proto__", input: JSON.parse(`{"__proto__":{"a":1}}`) as unknown },
    ...fieldFaults(schema, valid),
  ];
}

function notObjects(): BadInput[] {
  return [null, 7, "text", [], [{}], true, Uint8Array.of(1)].map((input) => ({
    what: `instead of an object ${JSON.stringify(input)}`,
    input,
  }));
}

function fieldFaults(schema: z.ZodObject, valid: Record<string, unknown>): BadInput[] {
  const optional = new Set(optionalKeys(schema));
  return Object.keys(schema.shape).flatMap((key) => {
    const { [key]: value, ...without } = valid;
    const missing = optional.has(key) ? [] : [{ what: `without ${key}`, input: without }];
    const faults = faultsOf(schema.shape[key], value).map(([fault, wrong]) => ({
      what: `${key} ${fault}`,
      input: { ...valid, [key]: wrong },
    }));
    return [...missing, ...faults];
  });
}

/** Values of the wrong type, too large, or wrong inside. */
function faultsOf(schema: z.core.$ZodType | undefined, value: unknown): [string, unknown][] {
  if (schema instanceof z.ZodExactOptional) return faultsOf(schema.unwrap(), value);
  if (schema instanceof z.ZodNullable) {
    return faultsOf(schema.unwrap(), value).filter(([, wrong]) => wrong !== null);
  }
  const types: [string, unknown][] = [
    ["as null", null],
    ["as a function's name", { toString: 1 }],
    ["as an array", [[value]]],
  ];
  if (schema instanceof z.ZodObject) {
    return [
      ...types,
      ...badInputs(schema).map(({ what, input }): [string, unknown] => [`holding ${what}`, input]),
    ];
  }
  if (schema instanceof z.ZodArray) {
    const entry = validSample(schema.element);
    const hundred = new Array<unknown>(100).fill(entry);
    // Few lists may be that long; none may be longer than the list of a room's participants.
    const tooMany = schema.safeParse(hundred).success
      ? new Array<unknown>(LIMITS.participantsInSnapshot + 1).fill(entry)
      : hundred;
    return [...types, ["as a text", "text"], ["with too many entries", tooMany]];
  }
  if (schema instanceof z.ZodBoolean) return [...types, ["as a number", 1]];
  if (schema instanceof z.ZodNumber) {
    const faults: [string, unknown][] = [...types, ["as a text", "1"], ["huge", 1e300]];
    // The number of a layer has no lower bound, and some rates may be fractions.
    if ((schema.minValue ?? -1) >= 0) faults.push(["negative", -1]);
    if (schema.format === "safeint") faults.push(["a fraction", 0.5]);
    return faults;
  }
  if (schema instanceof z.ZodPipe) {
    return [...types, ["as a text", "AAAA"], ["empty", new Uint8Array(0)], ["as numbers", [1, 2]]];
  }
  const faults: [string, unknown][] = [
    ["as a number", 7],
    ["too long", "A".repeat(100_000)],
  ];
  // Some texts, such as the mid of a stream, may be empty.
  const mayBeEmpty = schema instanceof z.ZodString && schema.safeParse("").success;
  return mayBeEmpty ? [...types, ...faults] : [...types, ...faults, ["empty", ""]];
}
