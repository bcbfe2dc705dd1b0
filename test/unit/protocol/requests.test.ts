import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import {
  clientRequests,
  LIMITS,
  notifications,
  serverRequests,
} from "../../../src/protocol/index.ts";
import { badInputs } from "../../support/protocol-bad-inputs.ts";
import { optionalKeys, validSample } from "../../support/protocol-samples.ts";

const schemas: [string, z.ZodObject][] = [
  ...Object.entries({ ...clientRequests, ...serverRequests }).flatMap(
    ([name, row]): [string, z.ZodObject][] => [
      [`${name} input`, row.input],
      [`${name} output`, row.output],
    ],
  ),
  ...Object.entries(notifications),
];

describe("every schema of the protocol", () => {
  for (const [name, schema] of schemas) {
    test(`${name} takes what it describes, and nothing else`, () => {
      const valid = z.record(z.string(), z.unknown()).parse(validSample(schema));
      assert.deepEqual(schema.parse(valid), valid);
      for (const key of optionalKeys(schema)) {
        const { [key]: _, ...without } = valid;
        assert.deepEqual(schema.parse(without), without);
        // Socket.IO drops undefined, so a field that holds it is a mistake of the sender.
        assert.equal(schema.safeParse({ ...valid, [key]: undefined }).success, false);
      }
      for (const { what, input } of badInputs(schema)) {
        assert.equal(schema.safeParse(input).success, false, what);
      }
    });
  }

  test("refuses unknown keys at every depth", () => {
    const loose: string[] = [];
    const visit = (schema: z.core.$ZodType, path: string): void => {
      if (schema instanceof z.ZodObject) {
        if (!(schema.def.catchall instanceof z.ZodNever)) loose.push(path);
        for (const [key, value] of Object.entries(schema.shape)) visit(value, `${path}.${key}`);
      } else if (schema instanceof z.ZodArray) visit(schema.element, `${path}[]`);
      else if (schema instanceof z.ZodExactOptional) visit(schema.unwrap(), path);
      else if (schema instanceof z.ZodNullable) visit(schema.unwrap(), path);
    };
    for (const [name, schema] of schemas) visit(schema, name);
    assert.deepEqual(loose, []);
  });

  test("carries no more attachments than Socket.IO's parser takes", () => {
    assert.ok(LIMITS.commitsPerAnswer <= 10);
  });
});
