import assert from "node:assert/strict";
import { hkdfSync } from "node:crypto";
import { suite, test } from "node:test";
import type { Invitation, InvitationErrorCode } from "../../../../src/e2ee/invitation/index.ts";
import {
  createInvitation,
  InvitationError,
  invitationLink,
  parseInvitationLink,
} from "../../../../src/e2ee/invitation/index.ts";
import { deriveInvitation, renewInvitation } from "../../../../src/e2ee/invitation/invitation.ts";

const SECRET = Uint8Array.from({ length: 32 }, (_, index) => index);
const LINK = "https://call.example/#1AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

function assertRefused(url: string, code: InvitationErrorCode): void {
  assert.throws(
    () => parseInvitationLink(url),
    (error) => error instanceof InvitationError && error.code === code,
  );
}

suite("an invitation", () => {
  test("derives the documented values from its secret", () => {
    const { secret, roomId, admissionKey, mediaShare } = parseInvitationLink(LINK);
    assert.deepEqual(secret, SECRET);
    assert.equal(roomId, "sen718ucpIednGdpa3uOUQ");
    assert.equal(
      hex(admissionKey),
      "c39e35e1f17cb52c014a3b3452a81f193717ea27ead93331e52f224ec1f2c9da",
    );
    assert.equal(
      hex(mediaShare),
      "e20be0e825adc962e97a01b71f95fbf2a4a23ab3f50a93c4bace7942b68df9ba",
    );

    const derive = (info: string, length: number) =>
      Buffer.from(hkdfSync("sha512", SECRET, "Aparte invitation 1", info, length));
    assert.equal(roomId, derive("room id", 16).toString("base64url"));
    assert.deepEqual(Buffer.from(admissionKey), derive("admission key", 32));
    assert.deepEqual(Buffer.from(mediaShare), derive("media share", 32));
  });

  test("is new each time", () => {
    const [one, two] = [createInvitation(), createInvitation()];
    assert.equal(one.secret.length, 32);
    assert.match(one.roomId, /^[A-Za-z0-9_-]{22}$/);
    for (const name of ["secret", "roomId", "admissionKey", "mediaShare"] as const) {
      assert.notDeepEqual(one[name], two[name]);
    }
  });

  test("makes the round trip through its link", () => {
    const invitation = createInvitation();
    const link = invitationLink(invitation, "https://call.example:8443");
    assert.match(link, /^https:\/\/call\.example:8443\/#1[A-Za-z0-9_-]{43}$/);
    assert.deepEqual(parseInvitationLink(link), invitation);
    assert.deepEqual(parseInvitationLink(new URL(link)), invitation);
    const elsewhere = new URL(link);
    elsewhere.pathname = "/some/page";
    elsewhere.search = "?theme=dark";
    assert.deepEqual(parseInvitationLink(elsewhere), invitation);
  });

  test("gives a link of the frozen form", () => {
    const invitation: Invitation = parseInvitationLink(LINK);
    assert.equal(invitationLink(invitation, "https://call.example/other/#path"), LINK);
  });
});

suite("an invitation to a call with post-quantum signatures", () => {
  test("says so in its link, before and after a kick", () => {
    const first = createInvitation("post-quantum");
    const renewed = renewInvitation(first, crypto.getRandomValues(new Uint8Array(32)));
    assert.equal(renewed.signatures, "post-quantum");
    const links = [first, renewed].map((each) => invitationLink(each, "https://call.example"));
    assert.match(links[0] ?? "", /#3[A-Za-z0-9_-]{43}$/);
    assert.match(links[1] ?? "", /#4[A-Za-z0-9_-]{64}$/);
    assert.deepEqual(links.map(parseInvitationLink), [first, renewed]);
  });

  test("leads to another room when its link is altered to ask for less", () => {
    const strong = parseInvitationLink(LINK.replace("#1", "#3"));
    const weak = parseInvitationLink(LINK);
    assert.deepEqual(strong.secret, weak.secret);
    for (const name of ["roomId", "admissionKey", "mediaShare", "signatures"] as const) {
      assert.notDeepEqual(strong[name], weak[name]);
    }
    assert.equal(
      strong.roomId,
      Buffer.from(hkdfSync("sha512", SECRET, "Aparte invitation 3", "room id", 16)).toString(
        "base64url",
      ),
    );
  });
});

suite("an invitation after a kick", () => {
  test("leads to the same room with other keys, by a link that names the room", () => {
    const first = createInvitation();
    const secret = crypto.getRandomValues(new Uint8Array(32));
    const renewed = renewInvitation(first, secret);
    assert.equal(renewed.roomId, first.roomId);
    assert.notDeepEqual(renewed.admissionKey, first.admissionKey);
    assert.notDeepEqual(renewed.mediaShare, first.mediaShare);
    const link = invitationLink(renewed, "https://call.example");
    assert.match(link, /#2[A-Za-z0-9_-]{64}$/);
    assert.deepEqual(parseInvitationLink(link), renewed);
    assert.deepEqual({ ...renewed, roomId: "" }, { ...deriveInvitation(secret), roomId: "" });
  });
});

suite("a text that is no invitation", () => {
  test("is refused with the reason", () => {
    const secret = "A".repeat(43);
    assertRefused("", "not-a-url");
    assertRefused("call.example/#1" + secret, "not-a-url");
    assertRefused("https://call.example/", "no-secret");
    assertRefused("https://call.example/#", "no-secret");
    assertRefused(`https://call.example/?1${secret}`, "no-secret");
    assertRefused(`https://call.example/#5${secret}`, "unknown-version");
    assertRefused(`https://call.example/#4${secret}`, "malformed-secret");
    assertRefused(`https://call.example/#2${secret}`, "malformed-secret");
    assertRefused(`https://call.example/#${secret}`, "unknown-version");
    assertRefused("https://call.example/#1", "malformed-secret");
    assertRefused(`https://call.example/#1${secret.slice(1)}`, "malformed-secret");
    assertRefused(`https://call.example/#1${secret}A`, "malformed-secret");
    assertRefused(`https://call.example/#1${secret.slice(1)}B`, "malformed-secret");
    assertRefused(`https://call.example/#1${secret.slice(1)}=`, "malformed-secret");
    assertRefused(`https://call.example/#1${secret.slice(1)}%41`, "malformed-secret");
  });

  test("is not repeated in the error", () => {
    const secret = "B".repeat(44);
    assert.throws(
      () => parseInvitationLink(`https://call.example/#1${secret}`),
      (error) => error instanceof Error && !`${error.message} ${error.stack}`.includes("BBBB"),
    );
  });

  test("is no origin for a link either", () => {
    for (const origin of ["", "call.example", "data:text/plain,x"]) {
      assert.throws(() => invitationLink(createInvitation(), origin), { code: "not-a-url" });
    }
  });
});
