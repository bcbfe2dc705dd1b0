import { LoaderCircle, LockKeyhole } from "lucide-react";
import { useEffect, useRef, type FormEvent } from "react";
import { LOBBY, TITLES, reason } from "../strings.ts";
import type { AppPorts } from "../state/app.ts";
import type { Lobby } from "../state/lobby.ts";
import { NAME_LENGTH_MAX } from "../state/preferences.ts";
import { Brand } from "./brand.tsx";
import { CaptureHelp } from "./capture-help.tsx";
import { ConnectionTestLink } from "./connection-test-link.tsx";
import { CopyLinkButton } from "./copy-link-button.tsx";
import { DeviceChoice } from "./device-choice.tsx";
import { Preview } from "./preview.tsx";
import { useDocumentTitle } from "./use-document-title.ts";
import { Switch } from "./switch.tsx";
import { useStore } from "./use-store.ts";
import { TextButton } from "./text-button.tsx";

/** Name, camera and sound before the call, and the way in. */
export function LobbyView({ lobby, ports }: { lobby: Lobby; ports: AppPorts }) {
  const media = useStore(lobby.media);
  useDocumentTitle(TITLES.lobby);
  return (
    <main className="page lobby" data-testid="lobby">
      <Brand />
      <div className="lobby-body">
        <div className="lobby-look">
          <Preview media={lobby.media} ports={ports} />
          <CaptureHelp media={lobby.media} />
        </div>
        <section className="card lobby-card">
          <h1>{LOBBY.title}</h1>
          <JoinForm lobby={lobby} />
          <p className="hint">
            <LockKeyhole aria-hidden size={15} />
            {LOBBY.privacy}
          </p>
          <CopyLinkButton copy={() => ports.copyText(lobby.link)} />
        </section>
        <section className="lobby-devices" aria-label={LOBBY.devices}>
          <DeviceChoice
            media={lobby.media}
            preferences={lobby.preferences}
            devices={media.devices}
            withSpeaker={ports.devices.canChooseSpeaker}
          />
          <RelayChoice lobby={lobby} />
          <ConnectionTestLink />
        </section>
      </div>
    </main>
  );
}

function RelayChoice({ lobby }: { lobby: Lobby }) {
  const { alwaysRelay } = useStore(lobby.preferences);
  return (
    <Switch
      label={LOBBY.alwaysRelay}
      hint={LOBBY.alwaysRelayHint}
      checked={alwaysRelay}
      testId="always-relay"
      onChange={(checked) => {
        lobby.preferences.setAlwaysRelay(checked);
      }}
    />
  );
}

function JoinForm({ lobby }: { lobby: Lobby }) {
  const { status, problem } = useStore(lobby);
  const { name } = useStore(lobby.preferences);
  const nameField = useRef<HTMLInputElement>(null);
  const joinButton = useRef<HTMLButtonElement>(null);
  const joining = status === "joining";
  // Enter joins: in the field when a name is to be given, on the button when it is known.
  useEffect(() => {
    const known = lobby.preferences.get().name !== "";
    (known ? joinButton.current : nameField.current)?.focus({ preventScroll: true });
  }, [lobby]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // A second click, or Enter pressed twice, means the same as the first.
    if (!joining) void lobby.join();
  };
  return (
    <form className="join-form" onSubmit={submit}>
      <label htmlFor="name">{LOBBY.nameLabel}</label>
      <input
        id="name"
        ref={nameField}
        className="field"
        type="text"
        autoComplete="name"
        maxLength={NAME_LENGTH_MAX}
        placeholder={LOBBY.namePlaceholder}
        aria-describedby="name-hint"
        data-testid="name"
        readOnly={joining}
        value={name}
        onChange={(event) => {
          lobby.preferences.setName(event.target.value);
        }}
      />
      <p className="field-hint" id="name-hint">
        {LOBBY.nameHint}
      </p>
      {problem !== null && (
        <p className="problem" role="alert" data-testid="join-problem">
          {reason(problem)}
        </p>
      )}
      <button
        ref={joinButton}
        type="submit"
        className={joining ? "button large" : "button primary large"}
        data-testid="join"
        aria-busy={joining}
      >
        {joining && <LoaderCircle aria-hidden size={20} className="spin" />}
        {joining ? LOBBY.joining : problem ? LOBBY.tryAgain : LOBBY.join}
      </button>
      {joining && (
        <TextButton
          testId="cancel"
          text={LOBBY.cancel}
          onClick={() => {
            lobby.cancel();
          }}
        />
      )}
    </form>
  );
}
