import { Activity, ChevronRight, Link2, LockKeyhole, Video } from "lucide-react";
import { useState, type FormEvent } from "react";
import { HOME, HOME_PROBLEMS, PRODUCT } from "../strings.ts";
import { CONNECTION_TEST_FRAGMENT, type App, type HomeProblem } from "../state/app.ts";
import { Brand } from "./brand.tsx";
import { useDocumentTitle } from "./use-document-title.ts";
import { Switch } from "./switch.tsx";
import { useStore } from "./use-store.ts";

/** Begin a call, or open one by its link. */
export function HomeView({ app, problem }: { app: App; problem: HomeProblem | null }) {
  const [link, setLink] = useState("");
  useDocumentTitle(PRODUCT);
  const open = (event: FormEvent) => {
    event.preventDefault();
    void app.openLink(link);
  };
  return (
    <main className="page home" data-testid="home">
      <Brand />
      <div className="home-body">
        <div className="home-intro">
          <h1>{HOME.headline}</h1>
          <p className="lead">{HOME.pitch}</p>
        </div>
        <div className="card home-start">
          {problem !== null && (
            <p className="problem" role="alert" data-testid="home-problem">
              {HOME_PROBLEMS[problem]}
            </p>
          )}
          <button
            type="button"
            className="button primary large"
            data-testid="new-call"
            onClick={() => void app.newCall()}
          >
            <Video aria-hidden size={20} />
            {HOME.newCall}
          </button>
          <p className="hint">
            <LockKeyhole aria-hidden size={15} />
            {HOME.newCallHint}
          </p>
          <SignatureChoice app={app} />
          <form className="paste" onSubmit={open}>
            <label htmlFor="paste">{HOME.paste}</label>
            <div className="field-row">
              <input
                id="paste"
                className="field"
                type="text"
                inputMode="url"
                autoComplete="off"
                autoCapitalize="off"
                spellCheck={false}
                placeholder={HOME.pastePlaceholder}
                data-testid="paste-link"
                value={link}
                onChange={(event) => {
                  setLink(event.target.value);
                }}
              />
              <button
                type="submit"
                className="button"
                data-testid="open-link"
                disabled={link.trim() === ""}
              >
                <Link2 aria-hidden size={18} />
                {HOME.pasteGo}
              </button>
            </div>
          </form>
          <a className="test-link" href={CONNECTION_TEST_FRAGMENT} data-testid="to-connection-test">
            <Activity aria-hidden size={15} />
            {HOME.connectionTest}
          </a>
        </div>
      </div>
    </main>
  );
}

/** For the call that is begun next; the link then asks it of everybody. */
function SignatureChoice({ app: { preferences } }: { app: App }) {
  const { postQuantumSignatures } = useStore(preferences);
  // Whoever chose it once sees that it holds.
  const [openAtFirst] = useState(postQuantumSignatures);
  return (
    <details className="home-options" open={openAtFirst}>
      <summary data-testid="new-call-options">
        <ChevronRight aria-hidden size={15} />
        {HOME.options}
      </summary>
      <Switch
        label={HOME.postQuantumSignatures}
        hint={HOME.postQuantumSignaturesHint}
        checked={postQuantumSignatures}
        testId="post-quantum-signatures"
        onChange={(checked) => {
          preferences.setPostQuantumSignatures(checked);
        }}
      />
    </details>
  );
}
