import { Camera, Mic, Volume2, type LucideIcon } from "lucide-react";
import { useId } from "react";
import { DEVICES } from "../strings.ts";
import type { DeviceInfo } from "../state/devices-port.ts";
import type { LocalMedia } from "../state/local-media.ts";
import type { Preferences } from "../state/preferences.ts";
import { useStore } from "./use-store.ts";

export interface DeviceChoiceProps {
  media: LocalMedia;
  preferences: Preferences;
  devices: readonly DeviceInfo[];
  withSpeaker: boolean;
}

/** Which camera, microphone and speaker; what is chosen is remembered. */
export function DeviceChoice({ media, preferences, devices, withSpeaker }: DeviceChoiceProps) {
  const { microphone, camera } = useStore(media);
  const { devices: preferred } = useStore(preferences);
  const choose = (kind: "microphone" | "camera", deviceId: string | null) => {
    preferences.setDevice(kind, deviceId);
    void media.choose(kind, deviceId);
  };
  return (
    <div className="device-choice">
      <DeviceSelect
        kind="microphone"
        icon={Mic}
        devices={devices}
        chosen={microphone.deviceId}
        onChoose={(deviceId) => {
          choose("microphone", deviceId);
        }}
      />
      <DeviceSelect
        kind="camera"
        icon={Camera}
        devices={devices}
        chosen={camera.deviceId}
        onChoose={(deviceId) => {
          choose("camera", deviceId);
        }}
      />
      {withSpeaker && (
        <DeviceSelect
          kind="speaker"
          icon={Volume2}
          devices={devices}
          chosen={preferred.speaker}
          onChoose={(deviceId) => {
            preferences.setDevice("speaker", deviceId);
          }}
        />
      )}
    </div>
  );
}

interface DeviceSelectProps {
  kind: DeviceInfo["kind"];
  icon: LucideIcon;
  devices: readonly DeviceInfo[];
  chosen: string | null;
  onChoose: (deviceId: string | null) => void;
}

function DeviceSelect({ kind, icon: Icon, devices, chosen, onChoose }: DeviceSelectProps) {
  const id = useId();
  const options = devices.filter((device) => device.kind === kind);
  const known = options.some(({ deviceId }) => deviceId === chosen);
  return (
    <div className="device-select">
      <label htmlFor={id}>
        <Icon aria-hidden size={16} />
        {DEVICES[kind]}
      </label>
      <select
        id={id}
        className="field"
        data-testid={`${kind}-choice`}
        disabled={options.length === 0}
        value={known && chosen !== null ? chosen : ""}
        onChange={(event) => {
          onChoose(event.target.value || null);
        }}
      >
        {!known && <option value="">{DEVICES.standard}</option>}
        {options.map(({ deviceId, label }, index) => (
          <option key={deviceId} value={deviceId}>
            {label || DEVICES.numbered(DEVICES[kind], index + 1)}
          </option>
        ))}
      </select>
    </div>
  );
}
