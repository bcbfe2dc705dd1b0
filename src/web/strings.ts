import type { CallEnd, RemoteParticipant, StreamTrouble } from "../client/call-state.ts";
import type { RepairStage } from "../client/recovery/key-repair.ts";
import type { HomeProblem } from "./state/app.ts";
import type { CaptureProblem } from "./state/capture-problem.ts";
import type { InputKind } from "./state/devices-port.ts";
import type { Notice } from "./state/notices.ts";
import type { SupportProblem } from "./state/support.ts";

/** Every word that the page says, in one place. */
export const PRODUCT = "Aparté";
export const GUEST_NAME = "Guest";

export const HOME = {
  headline: "Calls that only the people in them can hear.",
  pitch:
    "Voice and video, end-to-end encrypted between your browsers. The server passes sealed packets on and holds no key to open them.",
  newCall: "New call",
  newCallHint: "No account. Share the link, and whoever has it can join.",
  options: "Options for the new call",
  postQuantumSignatures: "Post-quantum signatures",
  postQuantumSignaturesHint:
    "Then not even a quantum computer can pose as somebody in the new call. It costs: joining takes longer and sends several times as much, and 384 people fit in. What is said is safe from quantum computers with or without it.",
  paste: "Have a link?",
  pastePlaceholder: "Paste it here",
  pasteGo: "Open",
  connectionTest: "Test your connection",
} as const;

export const HOME_PROBLEMS: Readonly<Record<HomeProblem, string>> = {
  "bad-link":
    "This link is not complete, so it opens no call. Part of it was lost on its way: ask for it again, and copy all of it.",
  "not-a-link": "That is not an invitation to a call. An invitation has a # with letters after it.",
  "not-loaded":
    "The page could not be loaded completely. Check your connection, then reload the page.",
};

export const UNSUPPORTED: Readonly<Record<SupportProblem, { title: string; help: string }>> = {
  insecure: {
    title: "This page needs a secure connection",
    help: "Browsers give camera, microphone and encryption only to pages that were loaded over https, or from localhost. Open the same address with https:// in front.",
  },
  "no-webrtc": {
    title: "This browser can’t make calls",
    help: "Use a current Chrome, Edge, Firefox or Safari. Some browsers inside of other apps can’t call: open the link in your usual browser.",
  },
  "no-sealing": {
    title: "This browser can’t encrypt calls end to end",
    help: "It lacks encoded transforms, and without them there is no call here. Chrome or Edge 94, Firefox 117 and Safari 15.4, or anything newer, can.",
  },
};

export const LOBBY = {
  title: "Ready to join?",
  nameLabel: "Your name",
  namePlaceholder: "How the others see you",
  nameHint: "Sent encrypted to the people in the call, and kept in this browser.",
  join: "Join call",
  joining: "Joining…",
  cancel: "Cancel",
  tryAgain: "Try again",
  privacy: "Only people with this link can get in, and only they can hear and see you.",
  copyLink: "Copy link",
  copied: "Link copied",
  devices: "Camera and sound",
  alwaysRelay: "Hide my network address",
  alwaysRelayHint:
    "Sound and pictures always take a way through a relay, so that media servers never see where you are. They may arrive a little later.",
  cameraOff: "Your camera is off",
  cameraOpening: "Opening your camera…",
  level: "Microphone level",
  preview: "Your camera, as in a mirror",
} as const;

export const DEVICES = {
  microphone: "Microphone",
  camera: "Camera",
  speaker: "Speaker",
  standard: "Standard",
  numbered: (kind: string, number: number) => `${kind} ${number}`,
} as const;

const INPUT: Readonly<Record<InputKind, string>> = { microphone: "microphone", camera: "camera" };

/** What to do when one input, or both for the same reason, can't be had. */
export function captureHelp(inputs: readonly InputKind[], problem: CaptureProblem): string {
  const device = inputs.map((input) => INPUT[input]).join(" and ");
  const several = inputs.length > 1;
  switch (problem) {
    case "denied":
      return `This page may not use your ${device}. Allow it at the icon beside the address, then try again.`;
    case "denied-by-system":
      return `Your system doesn’t let this browser use the ${device}. Allow it in the system’s privacy settings, then try again.`;
    case "missing":
      return `No ${device} ${several ? "were" : "was"} found. Plug one in, then try again.`;
    case "busy":
      return `Your ${device} can’t be opened. Another program may be using ${several ? "them" : "it"}: close that, then try again.`;
    case "insecure":
      return `Browsers give the ${device} only to pages loaded over https or from localhost.`;
    case "unknown":
      return `Your ${device} can’t be opened.`;
  }
}

export const CAPTURE_GO_ON = "You can be in the call without.";

export const CONTROLS = {
  toolbar: "Call controls",
  mute: "Mute",
  unmute: "Unmute",
  cameraOn: "Turn camera on",
  cameraOff: "Turn camera off",
  share: "Share screen",
  stopSharing: "Stop sharing",
  copyLink: "Copy link",
  settings: "Settings",
  raiseHand: "Raise hand",
  lowerHand: "Lower hand",
  react: "React",
  chat: "Chat",
  chatUnread: (count: number) => `Chat, ${count} unread`,
  people: "People",
  leave: "Leave",
} as const;

export const CALL = {
  title: "Call",
  people: "People in the call",
  screens: "Shared screens",
  you: "You",
  someone: "Someone",
  alone: "You’re the only one here",
  aloneHint: "Send the link to the people you want to talk with.",
  reconnecting: "Connection lost. Reconnecting…",
  joining: "Joining…",
  soundBlocked: "Your browser holds the sound back.",
  hear: "Click to hear",
  sharing: "You’re sharing your screen",
  screenOf: (name: string) => `${name}’s screen`,
  muted: "muted",
  noMicrophone: "no microphone",
  speaking: "speaking",
  handPlace: (place: number) => `hand raised, number ${place}`,
  verified: "verified",
  changed: "not the one you verified",
  frozen: "Stands still while the connection is made anew",
  reacted: (name: string, emoji: string) => `${name} reacted with ${emoji}`,
  dismiss: "Dismiss",
} as const;

export const PRESENCE: Readonly<
  Record<Exclude<RemoteParticipant["presence"], "present">, { title: string; help: string }>
> = {
  joining: { title: "Joining…", help: "Has no keys yet: can’t hear or see." },
  away: { title: "Connection lost", help: "Still holds the keys." },
  leaving: { title: "Leaving…", help: "Still holds the keys, until they are changed." },
};

/** What is being done about a key that is missing. */
export const REPAIR: Readonly<Record<RepairStage, string>> = {
  none: "",
  asking: "Asking for the keys that were missed…",
  rejoining: "Agreeing on keys anew…",
};

export const CHAT = {
  title: "Chat",
  close: "Close",
  empty: "No messages yet",
  privacy:
    "Encrypted end to end. Whoever joins later doesn’t see what was written before, and nothing is kept when you leave.",
  field: "Your message",
  placeholder: "Write to everybody",
  send: "Send",
  you: "You",
} as const;

export const PEOPLE = {
  title: "People",
  you: "You",
  handRaised: "Hand raised",
  verify: "Verify",
  verified: "Verified",
  changed: "Another key than the one you verified",
  changedHelp: (name: string) =>
    `You verified somebody called ${name} before. This is another device, or somebody else. Compare the number before you trust it.`,
  numberTitle: "Safety number",
  numberHelp: (name: string) =>
    `Ask ${name}, in person or on a channel you trust, to open “Verify” beside your name and read the number out. If all 45 digits are the same, nobody stands between you.`,
  numberPending: "Working it out…",
  numberGone: "Has gone.",
  mark: "The numbers are the same: mark as verified",
  unmark: "Not verified any more",
  kept: "Their device keeps this key, so you will know them again in the next call.",
  passing: "This key is of this call only.",
  kick: "Remove",
  kickTitle: (name: string) => `Remove ${name}?`,
  kickHelp: (name: string) =>
    `${name} is shut out at once and can’t come back by the link they have: the call gets a new one, which whoever joins later needs. Everybody sees that it was you.`,
  cancel: "Cancel",
  lock: "Lock the call",
  unlock: "Unlock the call",
  lockHelp: "Nobody new is let in while the call is locked.",
  locked: "The call is locked. Nobody new is let in.",
} as const;

export const REACTIONS: readonly (readonly [emoji: string, name: string])[] = [
  ["👍", "thumbs up"],
  ["❤️", "heart"],
  ["😂", "laughing"],
  ["🎉", "celebrate"],
  ["👏", "applause"],
  ["😮", "surprised"],
  ["🤔", "thinking"],
  ["👎", "thumbs down"],
];

export const TROUBLE: Readonly<
  Record<Exclude<StreamTrouble, "none">, { title: string; help: string }>
> = {
  "no-key": {
    title: "Waiting for the key",
    help: "Sealed with a key this browser doesn’t have yet.",
  },
  "wrong-epoch": {
    title: "Sealed with an old key",
    help: "Their browser has missed that the keys changed. It catches up by itself.",
  },
  tampered: {
    title: "Tampered with",
    help: "These frames were changed on the way, so they are not shown or played.",
  },
  unsealed: {
    title: "Not encrypted",
    help: "These frames are not sealed, so they are not shown or played.",
  },
};

export const LOCK = {
  label: "End-to-end encrypted",
  pending: "Agreeing on keys…",
  means:
    "Sound and pictures are sealed in each browser and opened only in the browsers of this call. The server passes them on and has no key to open them.",
  holders: "People who hold keys",
  epoch: "Key number",
  epochHint: "A new key is made whenever somebody joins or leaves, and every few minutes.",
  suite: "Method",
  short: "Encrypted",
  code: "Code of this call",
  codeHelp:
    "Read it out to each other, or compare the pictures. If it is the same on every screen, everybody is in the same call and nobody else is. It changes with each new key, so compare it at the same moment.",
  honest:
    "The server does see network addresses, and how much is sent and when. Whoever has the link can join; a person in the call can record it.",
} as const;

const SUITES: Readonly<Record<string, string>> = {
  MLS_256_XWING_AES256GCM_SHA512_Ed25519:
    "MLS with X-Wing (also against quantum computers), AES-256, SHA-512, Ed25519",
  MLS_256_XWING_AES256GCM_SHA512_MLDSA87:
    "MLS with X-Wing and ML-DSA-87 (both also against quantum computers), AES-256, SHA-512",
};

/** The cipher suite in words that can be looked up. */
export function suiteText(cipherSuite: string): string {
  return SUITES[cipherSuite] ?? cipherSuite.replaceAll("_", " ");
}

export const SETTINGS = {
  title: "Settings",
  shortcuts: "Keyboard shortcuts",
  shortcutList: [
    ["M", "Mute or unmute"],
    ["V", "Camera on or off"],
    ["S", "Share your screen"],
    ["H", "Raise or lower your hand"],
    ["C", "Open or close the chat"],
    ["Space", "Hold to talk while muted"],
  ],
  keepIdentity: "Let people know this browser again",
  keepIdentityHint:
    "Keeps a key in this browser, so that who verified you once sees in the next call that it is you. It holds from the next time you join. Servers never see it. Turning this off forgets the key.",
  alwaysRelay: LOBBY.alwaysRelay,
  alwaysRelayHint: `${LOBBY.alwaysRelayHint} It holds at once; sound and pictures pause for a moment.`,
  done: "Done",
} as const;

export const ENDED = {
  left: "You left the call",
  leftHint: "Your camera and microphone are off.",
  ended: "The call has ended for you",
  rejoin: "Rejoin",
  lobby: "Check camera and sound first",
  home: "Home",
} as const;

/** Words for the codes that a person may meet; docs/errors.md has all of them. */
export const REASONS: Readonly<Record<string, string>> = {
  "room-full": "The call is full: it holds as many people as its server allows.",
  "server-full": "The server is full. Try again later.",
  "server-closing": "The server is being restarted. Try again in a moment.",
  "rate-limited": "Too many tries in a short time. Wait a moment, then try again.",
  "participant-exists": "You are in this call already, in another window.",
  "protocol-unsupported": "This page is older or newer than its server. Reload it.",
  "resume-refused": "You were away for too long.",
  "group-unavailable": "Nobody in the call answered with the keys. Try again.",
  "timed-out": "The server didn’t answer in time. Check your connection, then try again.",
  unreachable: "The server can’t be reached. Check your connection, then try again.",
  "media-failed":
    "No connection for sound and pictures could be made. A firewall may block it: try another network.",
  "no-relay":
    "You chose to hide your network address, and this server has no relay for that. Turn it off, or use another server.",
  locked: "The call is locked: its people let nobody new in. Ask them to unlock it.",
  "link-void": "This link lets nobody in any more. Ask somebody in the call for the one that does.",
  kicked: "Somebody in the call removed you. The link that you have lets nobody in any more.",
  "group-failed": "The keys of the call couldn’t be agreed on. Try again.",
  "sealing-failed":
    "Sound or pictures were about to leave this browser unencrypted, so the call was ended at once. Update your browser before you try again.",
  unsupported: "This browser can’t encrypt calls end to end. Use a current one.",
  "bad-link": HOME_PROBLEMS["bad-link"],
  disconnected: "The connection was lost. Check it, then try again.",
  "sfu-unavailable": "The part of the server that carries sound and pictures is gone. Try again.",
};

/** Plain words for the reason of a failed join or an ended call. */
export function reason({ code }: CallEnd): string {
  return REASONS[code] ?? `Something went wrong (${code}). Try again.`;
}

export function noticeText(notice: Notice): string {
  switch (notice.kind) {
    case "joined":
      return `${notice.name || CALL.someone} joined`;
    case "left":
      return `${notice.name || CALL.someone} left`;
    case "hand-raised":
      return `${notice.name || CALL.someone} raised their hand`;
    case "identity-changed":
      return `${notice.name || CALL.someone} has another key than the one you verified. Open “People” to compare.`;
    case "chat":
      return `${notice.name || CALL.someone}: ${shorten(notice.text)}`;
    case "kicked":
      return notice.by === null
        ? `You removed ${notice.name || CALL.someone}. The link has changed.`
        : `${notice.by || CALL.someone} removed ${notice.name || CALL.someone}. The link has changed.`;
    case "lock-changed":
      return `${notice.by === null ? CALL.you : notice.by || CALL.someone} ${notice.locked ? "locked" : "unlocked"} the call`;
    case "not-done":
      return "That didn’t work. Try again in a moment.";
    case "not-sent":
      return "That couldn’t be sent. Try again in a moment.";
    case "link-copied":
      return "Link copied. Whoever has it can join.";
    case "link-not-copied":
      return "The link couldn’t be copied. Copy it from the address bar.";
    case "stream-refused":
      return "The server refused your camera or microphone. Turn it off and on again.";
    case "input-lost":
      return notice.replacement === null
        ? `Your ${INPUT[notice.input]} was disconnected.`
        : `Your ${INPUT[notice.input]} was disconnected. Now using ${notice.replacement}.`;
    case "input-failed":
      return captureHelp([notice.input], notice.problem);
    case "screen-failed":
      return "Your screen couldn’t be shared.";
  }
}

const NOTICE_CHARACTERS = 120;

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/gu, " ");
  return line.length <= NOTICE_CHARACTERS ? line : `${line.slice(0, NOTICE_CHARACTERS - 1)}…`;
}

export const TITLES = {
  lobby: `Join · ${PRODUCT}`,
  reconnecting: `Reconnecting… · ${PRODUCT}`,
  ended: `Call ended · ${PRODUCT}`,
  call: (people: number, muted: boolean) =>
    `${muted ? "Muted · " : ""}${people === 1 ? "Alone in the call" : `${people} in the call`} · ${PRODUCT}`,
} as const;
