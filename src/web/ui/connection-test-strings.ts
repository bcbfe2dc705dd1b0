import type { DiagnosisCheck, DiagnosisStep } from "../../client/diagnosis/index.ts";
import type { InputPermission, TestStep } from "../state/connection-test-port.ts";
import type { TestVerdict } from "../state/connection-test.ts";
import { PRODUCT } from "../strings.ts";

/** What the connection test says; apart from the page's other words, because few ever load it. */
export const TEST = {
  tabTitle: `Connection test · ${PRODUCT}`,
  again: "Test again",
  copy: "Copy the report",
  copied: "Report copied",
  notCopied: "The report couldn’t be copied.",
  home: "Home",
  groups: { browser: "This browser", server: "The server", relays: "Relays" },
  groupHints: {
    browser: "",
    server: "",
    relays: "They carry calls where a firewall lets nothing else through.",
  },
  running: "being tested",
  ok: "works",
  warning: "does not work, but calls do",
  failed: "does not work",
  reportHint:
    "The report holds what you see here, and the name of your browser. It names no address of yours and no call.",
} as const;

export const VERDICTS: Readonly<Record<TestVerdict, { title: string; text: string }>> = {
  running: {
    title: "Testing your connection…",
    text: "This takes a few seconds. Nothing is recorded, and nobody hears you.",
  },
  good: {
    title: "You can call from here",
    text: "Everything that a call needs works, by every way that there is.",
  },
  limited: {
    title: "You can call from here, with limits",
    text: "Calls work. What follows makes them better, or safer from failing.",
  },
  impossible: {
    title: "Calls don’t work from here",
    text: "What follows says what is in the way, and who can mend it.",
  },
};

/** One sentence, and what to do where something does not work. */
export interface StepText {
  readonly text: string;
  readonly mend?: string;
}

export function stepText(step: TestStep): StepText {
  if ("permission" in step) return inputText(step.check, step.permission);
  if (step.state === "running") return { text: runningText(step) };
  switch (step.check) {
    case "secure-context":
      return step.state === "ok"
        ? { text: "This page was loaded securely." }
        : {
            text: "This page was not loaded securely, so it gets neither camera nor encryption.",
            mend: "Open the same address with https:// in front.",
          };
    case "encryption":
      return encryptionText(step);
    case "clock":
      return clockText(step);
    case "signaling":
      return signalingText(step);
    case "media.udp":
    case "media.tcp":
      return mediaText(step);
    case "relay":
      return {
        text: "This server has no relay.",
        mend: "Where calls fail behind a firewall, whoever runs the server can add one.",
      };
    case "relay.udp":
    case "relay.tcp":
    case "relay.tls":
      return relayText(step);
  }
}

const WAYS: Readonly<Partial<Record<DiagnosisCheck, string>>> = {
  "media.udp": "UDP",
  "media.tcp": "TCP",
  "relay.udp": "UDP",
  "relay.tcp": "TCP",
  "relay.tls": "TLS",
};

/** What is being looked at: there is nothing to say of it yet. */
function runningText(step: DiagnosisStep): string {
  if (step.check === "clock") return "Your clock";
  if (step.check === "signaling") return "The way to the server";
  const way = WAYS[step.check] ?? "";
  const what = step.region === undefined ? "Sound and pictures" : relayName(step);
  return `${what} over ${way}`;
}

function inputText(kind: "microphone" | "camera", permission: InputPermission): StepText {
  switch (permission) {
    case "granted":
      return { text: `This page may use your ${kind}.` };
    case "prompt":
      return { text: `Your browser will ask whether this page may use your ${kind}.` };
    case "denied":
      return {
        text: `This page may not use your ${kind}.`,
        mend: "Allow it at the icon beside the address.",
      };
    case "missing":
      return { text: `No ${kind} was found.`, mend: "Plug one in, or join without." };
    case "unknown":
      return { text: `Your browser doesn’t say whether this page may use your ${kind}.` };
  }
}

function encryptionText({ state, reason }: DiagnosisStep): StepText {
  if (state === "ok") return { text: "This browser can encrypt calls end to end." };
  const lacks = reason === "no-crypto" ? "WebCrypto" : "encoded transforms";
  return {
    text: `This browser can’t encrypt calls end to end: it lacks ${lacks}.`,
    mend: "Use a current Chrome, Edge, Firefox or Safari.",
  };
}

function clockText({ state, reason, clockAheadMs = 0 }: DiagnosisStep): StepText {
  if (state === "ok") return { text: "Your clock is right." };
  if (reason !== "clock-differs") {
    return { text: "The server did not tell the time.", mend: "Test again in a moment." };
  }
  const seconds = Math.abs(Math.round(clockAheadMs / 1_000));
  return {
    text: `Your clock is ${seconds} seconds ${clockAheadMs > 0 ? "ahead of" : "behind"} the server’s.`,
    mend: "Let your system set date and time by itself.",
  };
}

function signalingText({ state, reason, code }: DiagnosisStep): StepText {
  if (state === "ok") return { text: "The server answers." };
  if (reason === "refused") {
    return {
      text: `The server answers, but lets nobody in (${code ?? "refused"}).`,
      mend: "Test again in a few minutes, or tell whoever runs the server.",
    };
  }
  return {
    text: "The server can’t be reached.",
    mend: "Check your connection. Where other pages load, a firewall or proxy must let WebSockets through.",
  };
}

/** As when the service is tried out on one machine. */
const LOOPBACK = /^(?:127\.|\[::1\])/;

function mediaText({ check, state, place }: DiagnosisStep): StepText {
  const way = WAYS[check] ?? "";
  if (state === "ok") return { text: `Sound and pictures reach the server over ${way}.` };
  if (place !== undefined && LOOPBACK.test(place)) {
    return {
      text: `Sound and pictures don’t reach this machine itself over ${way}.`,
      mend: "Firefox keeps its own machine’s addresses from pages without a microphone. In a call it works.",
    };
  }
  return {
    text: `Sound and pictures don’t reach the server over ${way}.`,
    mend: `Calls take another way if there is one. A firewall must let ${way} through${place === undefined ? "" : ` to ${place}`}.`,
  };
}

function relayText(step: DiagnosisStep): StepText {
  const way = WAYS[step.check] ?? "";
  const name = relayName(step);
  if (step.state === "ok") return { text: `${name} works over ${way}.` };
  if (step.reason === "no-data") {
    return {
      text: `${name} answers over ${way}, but nothing comes through it.`,
      mend: "Tell whoever runs the server: its relay does not reach its media.",
    };
  }
  return {
    text: `${name} can’t be used over ${way}.`,
    mend: `A firewall must let ${way === "UDP" ? "UDP" : "TCP"} through to ${step.place ?? "it"}.`,
  };
}

function relayName({ region }: DiagnosisStep): string {
  return region === undefined ? "The relay" : `The relay in “${region}”`;
}
