import { z } from "zod";

/** 16 bytes in base64url, which every kind of id takes. */
const ID = "sen718ucpIednGdpa3uOUQ";

/** A value that the schema takes, always the same. Covers what the protocol's schemas are made of. */
export function validSample(schema: z.core.$ZodType): unknown {
  if (schema instanceof z.ZodObject) {
    return Object.fromEntries(
      Object.entries(schema.shape).map(([key, value]) => [key, validSample(value)]),
    );
  }
  if (schema instanceof z.ZodExactOptional || schema instanceof z.ZodNullable) {
    return validSample(schema.unwrap());
  }
  if (schema instanceof z.ZodEnum) return schema.options[0];
  if (schema instanceof z.ZodLiteral) return schema.value;
  if (schema instanceof z.ZodBoolean) return true;
  if (schema instanceof z.ZodNumber) return Math.max(1, schema.minValue ?? 1);
  if (schema instanceof z.ZodString) return ID;
  if (schema instanceof z.ZodArray) return [validSample(schema.element)];
  if (schema instanceof z.ZodRecord) return {};
  if (schema instanceof z.ZodPipe) return Uint8Array.of(1, 2, 3);
  throw new Error(`no sample for ${schema.constructor.name}`);
}

/** Keys of an object schema that may be left out. */
export function optionalKeys(schema: z.ZodObject): string[] {
  return Object.entries(schema.shape)
    .filter(([, value]) => value instanceof z.ZodExactOptional || value instanceof z.ZodOptional)
    .map(([key]) => key);
}
