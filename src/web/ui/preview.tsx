import { Mic, MicOff, Video, VideoOff } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { CONTROLS, LOBBY } from "../strings.ts";
import type { AppPorts } from "../state/app.ts";
import { LevelMeter } from "../state/level-meter.ts";
import type { LocalMedia } from "../state/local-media.ts";
import { IconButton } from "./icon-button.tsx";
import { Picture } from "./picture.tsx";
import { useElementSize } from "./use-element-size.ts";
import { useStore } from "./use-store.ts";

/** The own camera as the person knows themselves from the mirror, and whether the microphone hears. */
export function Preview({ media, ports }: { media: LocalMedia; ports: AppPorts }) {
  const { microphone, camera } = useStore(media);
  const section = useRef<HTMLElement>(null);
  const size = useElementSize(section);
  const message = camera.status === "opening" ? LOBBY.cameraOpening : LOBBY.cameraOff;
  return (
    <section
      ref={section}
      className="preview dark"
      aria-label={LOBBY.preview}
      data-testid="preview"
    >
      {camera.track === null ? (
        <p className="preview-off">{message}</p>
      ) : (
        <Picture track={camera.track} mirrored tile={size} />
      )}
      <div className="preview-controls">
        <IconButton
          icon={microphone.wanted ? Mic : MicOff}
          label={microphone.wanted ? CONTROLS.mute : CONTROLS.unmute}
          tone={microphone.wanted ? "plain" : "off"}
          testId="toggle-microphone"
          onClick={() => void media.toggle("microphone")}
        />
        <IconButton
          icon={camera.wanted ? Video : VideoOff}
          label={camera.wanted ? CONTROLS.cameraOff : CONTROLS.cameraOn}
          tone={camera.wanted ? "plain" : "off"}
          testId="toggle-camera"
          onClick={() => void media.toggle("camera")}
        />
      </div>
      <Level track={microphone.wanted ? microphone.track : null} ports={ports} />
    </section>
  );
}

function Level({ track, ports }: { track: MediaStreamTrack | null; ports: AppPorts }) {
  const meter = useMemo(() => new LevelMeter(ports.listenToTrack, ports.clock), [ports]);
  const level = useStore(meter);
  useEffect(() => {
    meter.follow(track);
    return () => {
      meter.close();
    };
  }, [meter, track]);
  return (
    <div className="level">
      <meter
        className="visually-hidden"
        aria-label={LOBBY.level}
        value={level}
        data-testid="level"
      />
      <div className="level-fill" style={{ transform: `scaleX(${level})` }} />
    </div>
  );
}
