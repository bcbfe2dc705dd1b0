import { SETTINGS } from "../strings.ts";
import type { CallSession } from "../state/call-session.ts";
import { CaptureHelp } from "./capture-help.tsx";
import { ConnectionTestLink } from "./connection-test-link.tsx";
import { DeviceChoice } from "./device-choice.tsx";
import { Switch } from "./switch.tsx";
import { useStore } from "./use-store.ts";

export const SETTINGS_TITLE_ID = "settings-title";

export interface SettingsFormProps {
  session: CallSession;
  onDone: () => void;
}

/** Devices and keys during the call. */
export function SettingsForm({ session, onDone }: SettingsFormProps) {
  const { devices } = useStore(session.media);
  const { shortcuts, keepIdentity, alwaysRelay } = useStore(session.preferences);
  return (
    <>
      <h2 id={SETTINGS_TITLE_ID}>{SETTINGS.title}</h2>
      <CaptureHelp media={session.media} />
      <DeviceChoice
        media={session.media}
        preferences={session.preferences}
        devices={devices}
        withSpeaker={session.devices.canChooseSpeaker}
      />
      <div className="keyboard">
        <label className="switch">
          <input
            type="checkbox"
            data-testid="shortcuts"
            checked={shortcuts}
            onChange={(event) => {
              session.preferences.setShortcuts(event.target.checked);
            }}
          />
          {SETTINGS.shortcuts}
        </label>
        <dl className={shortcuts ? "shortcut-list" : "shortcut-list disabled"}>
          {SETTINGS.shortcutList.map(([key, action]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{action}</dd>
            </div>
          ))}
        </dl>
      </div>
      <Switch
        label={SETTINGS.keepIdentity}
        hint={SETTINGS.keepIdentityHint}
        checked={keepIdentity}
        testId="keep-identity"
        onChange={(checked) => {
          session.setKeepIdentity(checked);
        }}
      />
      <Switch
        label={SETTINGS.alwaysRelay}
        hint={SETTINGS.alwaysRelayHint}
        checked={alwaysRelay}
        testId="always-relay"
        onChange={(checked) => {
          session.setAlwaysRelay(checked);
        }}
      />
      <ConnectionTestLink />
      <button type="button" className="button primary" onClick={onDone}>
        {SETTINGS.done}
      </button>
    </>
  );
}
