import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { editDistance, nearestName } from "../../../src/config/nearest-name.ts";

describe("editDistance", () => {
  for (const [left, right, distance] of [
    ["", "", 0],
    ["", "abc", 3],
    ["port", "port", 0],
    ["prot", "port", 1],
    ["port", "ports", 1],
    ["kitten", "sitting", 3],
    ["ca", "abc", 3],
  ] as const) {
    it(`${left} to ${right} is ${distance}`, () => {
      assert.equal(editDistance(left, right), distance);
      assert.equal(editDistance(right, left), distance);
    });
  }
});

describe("nearestName", () => {
  it("takes the nearest of several", () => {
    assert.equal(nearestName("http-pors", ["http-host", "http-port", "http-ports"]), "http-port");
  });
  it("doesn't mind case", () => {
    assert.equal(nearestName("PUBLICURL", ["publicUrl"]), "publicUrl");
  });
  it("stays silent when nothing is near", () => {
    assert.equal(nearestName("workers", ["port", "host"]), undefined);
  });
});
