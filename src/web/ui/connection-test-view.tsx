import { Check, CircleAlert, CircleX, Copy, House, LoaderCircle, RotateCw } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { AppPorts } from "../state/app.ts";
import { ConnectionTest, isGrave, keyOf, type TestVerdict } from "../state/connection-test.ts";
import type { TestStep } from "../state/connection-test-port.ts";
import { Brand } from "./brand.tsx";
import { connectionReport } from "./connection-test-report.ts";
import { stepText, TEST, VERDICTS } from "./connection-test-strings.ts";
import { useDocumentTitle } from "./use-document-title.ts";
import { useStore } from "./use-store.ts";

type Group = keyof typeof TEST.groups;
const GROUPS: readonly Group[] = ["browser", "server", "relays"];
/** In this order, whichever is known first. */
const BROWSER_CHECKS: readonly TestStep["check"][] = [
  "secure-context",
  "encryption",
  "microphone",
  "camera",
  "clock",
];

/** What stands between this browser and a call, each in one sentence, with what mends it. */
export default function ConnectionTestView({ ports }: { ports: AppPorts }) {
  const [test] = useState(
    () =>
      new ConnectionTest({
        origin: ports.address.origin,
        loadDiagnosis: ports.loadDiagnosis,
        permissionOf: ports.permissionOf,
      }),
  );
  const { steps, verdict } = useStore(test);
  const heading = useRef<HTMLHeadingElement>(null);
  useDocumentTitle(TEST.tabTitle);
  useEffect(() => {
    heading.current?.focus();
    void test.start();
    return () => {
      test.stop();
    };
  }, [test]);
  return (
    <main className="page connection-test" data-testid="connection-test" data-verdict={verdict}>
      <Brand />
      <div className="test-body">
        <header className={`test-verdict ${verdict}`} aria-live="polite">
          <Sign state={verdict} size={40} />
          <div>
            <h1 ref={heading} tabIndex={-1}>
              {VERDICTS[verdict].title}
            </h1>
            <p className="lead">{VERDICTS[verdict].text}</p>
          </div>
        </header>
        {GROUPS.map((group) => (
          <StepGroup
            key={group}
            group={group}
            steps={steps.filter((step) => groupOf(step) === group).toSorted(inOrder)}
            verdict={verdict}
          />
        ))}
        <Actions test={test} ports={ports} running={verdict === "running"} />
      </div>
    </main>
  );
}

function groupOf({ check }: TestStep): Group {
  if (BROWSER_CHECKS.includes(check)) return "browser";
  return check.startsWith("relay") ? "relays" : "server";
}

function inOrder(one: TestStep, other: TestStep): number {
  return BROWSER_CHECKS.indexOf(one.check) - BROWSER_CHECKS.indexOf(other.check);
}

interface StepGroupProps {
  group: Group;
  steps: readonly TestStep[];
  verdict: TestVerdict;
}

function StepGroup({ group, steps, verdict }: StepGroupProps) {
  if (steps.length === 0) return null;
  const hint = TEST.groupHints[group];
  return (
    <section className="card test-group" aria-labelledby={`test-${group}`}>
      <h2 id={`test-${group}`}>{TEST.groups[group]}</h2>
      {hint !== "" && <p className="test-hint">{hint}</p>}
      <ul>
        {steps.map((step) => (
          <StepRow key={keyOf(step)} step={step} verdict={verdict} />
        ))}
      </ul>
    </section>
  );
}

function StepRow({ step, verdict }: { step: TestStep; verdict: TestVerdict }) {
  const { text, mend } = stepText(step);
  const state = step.state === "failed" && !isGrave(step, verdict) ? "warning" : step.state;
  const roundTripMs = "roundTripMs" in step ? step.roundTripMs : undefined;
  return (
    <li className={`test-step ${state}`} data-check={step.check} data-state={state}>
      <Sign state={state} size={20} />
      <div className="test-words">
        <p>
          <span className="visually-hidden">{TEST[state]}: </span>
          {text}
        </p>
        {mend !== undefined && <p className="test-mend">{mend}</p>}
      </div>
      {roundTripMs !== undefined && <span className="test-figure">{inMs(roundTripMs)}</span>}
    </li>
  );
}

function Sign({ state, size }: { state: TestVerdict | "ok" | "warning" | "failed"; size: number }) {
  switch (state) {
    case "running":
      return <LoaderCircle aria-hidden size={size} className="test-sign running spin" />;
    case "ok":
    case "good":
      return <Check aria-hidden size={size} className="test-sign ok" />;
    case "warning":
    case "limited":
      return <CircleAlert aria-hidden size={size} className="test-sign warning" />;
    case "failed":
    case "impossible":
      return <CircleX aria-hidden size={size} className="test-sign failed" />;
  }
}

interface ActionsProps {
  test: ConnectionTest;
  ports: AppPorts;
  running: boolean;
}

function Actions({ test, ports, running }: ActionsProps) {
  const [copy, setCopy] = useState<"idle" | "copied" | "failed">("idle");
  const copyReport = () => {
    const report = connectionReport(test.get(), {
      origin: ports.address.origin,
      browser: navigator.userAgent,
      nowMs: ports.clock.now(),
    });
    ports.copyText(report).then(
      () => {
        setCopy("copied");
      },
      () => {
        setCopy("failed");
      },
    );
  };
  return (
    <footer className="test-actions">
      <div className="button-row">
        <button
          type="button"
          className="button primary"
          data-testid="test-again"
          disabled={running}
          onClick={() => {
            setCopy("idle");
            void test.start();
          }}
        >
          <RotateCw aria-hidden size={18} />
          {TEST.again}
        </button>
        <button
          type="button"
          className="button"
          data-testid="copy-report"
          disabled={running}
          onClick={copyReport}
        >
          {copy === "copied" ? <Check aria-hidden size={18} /> : <Copy aria-hidden size={18} />}
          {copy === "copied" ? TEST.copied : TEST.copy}
        </button>
        <button
          type="button"
          className="button quiet"
          data-testid="to-home"
          onClick={() => {
            ports.address.open(`${ports.address.origin}/`);
          }}
        >
          <House aria-hidden size={18} />
          {TEST.home}
        </button>
      </div>
      {copy === "failed" && (
        <p className="problem" role="alert">
          {TEST.notCopied}
        </p>
      )}
      <p className="test-hint">{TEST.reportHint}</p>
    </footer>
  );
}

function inMs(durationMs: number): string {
  return durationMs < 1 ? "< 1 ms" : `${Math.round(durationMs)} ms`;
}
