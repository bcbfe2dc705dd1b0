import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { npmFailure } from "../../../scripts/setup/npm.mjs";

describe("npmFailure", () => {
  it("says that the registry can't be reached, and what helps", () => {
    const output = [
      "npm http fetch GET attempt 1 failed with ECONNREFUSED",
      "npm error code ECONNREFUSED",
      "npm error FetchError: request to https://registry.example/zod failed",
      "npm error     at ClientRequest.<anonymous> (index.js:130:14)",
    ].join("\n");
    const failure = npmFailure("Installing packages", output);
    assert.match(failure.message, /^Installing packages: the npm registry can't be reached\./);
    assert.match(failure.message, /registry\.example\/zod/);
    assert.doesNotMatch(failure.message, /ClientRequest|npm http/);
    assert.match(failure.remedy ?? "", /npm config set registry/);
  });

  it("shows npm's own words for everything else", () => {
    const failure = npmFailure(
      "Installing packages",
      "npm error code EUSAGE\nnpm error out of sync",
    );
    assert.equal(
      failure.message,
      "Installing packages: npm failed.\n\nnpm error code EUSAGE\nnpm error out of sync",
    );
  });
});
