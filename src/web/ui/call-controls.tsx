import { Hand, Mic, MicOff, MonitorUp, MonitorX, PhoneOff, Video, VideoOff } from "lucide-react";
import { CONTROLS } from "../strings.ts";
import type { CallSession } from "../state/call-session.ts";
import { IconButton } from "./icon-button.tsx";
import { ReactionMenu } from "./reaction-menu.tsx";
import { useStore } from "./use-store.ts";

/** Microphone, camera, screen, signs, and the way out. */
export function CallControls({ session }: { session: CallSession }) {
  const { microphone, camera } = useStore(session.media);
  const sharing = useStore(session.screenShare);
  const { shortcuts } = useStore(session.preferences);
  const { handRaised } = useStore(session.call).self;
  const key = (name: string) => (shortcuts ? name : undefined);
  return (
    <section className="call-controls" aria-label={CONTROLS.toolbar}>
      <IconButton
        icon={microphone.wanted ? Mic : MicOff}
        label={microphone.wanted ? CONTROLS.mute : CONTROLS.unmute}
        shortcut={key("M")}
        tone={microphone.wanted ? "plain" : "off"}
        testId="toggle-microphone"
        onClick={() => {
          session.act("microphone");
        }}
      />
      <IconButton
        icon={camera.wanted ? Video : VideoOff}
        label={camera.wanted ? CONTROLS.cameraOff : CONTROLS.cameraOn}
        shortcut={key("V")}
        tone={camera.wanted ? "plain" : "off"}
        testId="toggle-camera"
        onClick={() => {
          session.act("camera");
        }}
      />
      {session.devices.canShareScreen && (
        <IconButton
          icon={sharing === "on" ? MonitorX : MonitorUp}
          label={sharing === "on" ? CONTROLS.stopSharing : CONTROLS.share}
          shortcut={key("S")}
          tone={sharing === "on" ? "active" : "plain"}
          testId="toggle-screen"
          disabled={sharing === "starting"}
          onClick={() => {
            session.act("screen");
          }}
        />
      )}
      <IconButton
        icon={Hand}
        label={handRaised ? CONTROLS.lowerHand : CONTROLS.raiseHand}
        shortcut={key("H")}
        tone={handRaised ? "active" : "plain"}
        testId="toggle-hand"
        onClick={() => {
          session.act("hand");
        }}
      />
      <ReactionMenu session={session} />
      <IconButton
        icon={PhoneOff}
        label={CONTROLS.leave}
        tone="danger"
        testId="leave"
        onClick={() => {
          session.leave();
        }}
      />
    </section>
  );
}
