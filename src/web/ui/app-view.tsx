import { lazy, Suspense } from "react";
import type { CallEnd } from "../../client/call-state.ts";
import { ENDED, PRODUCT, UNSUPPORTED, reason } from "../strings.ts";
import type { App } from "../state/app.ts";
import { CallView } from "./call-view.tsx";
import { HomeView } from "./home-view.tsx";
import { LobbyView } from "./lobby-view.tsx";
import { MessageView } from "./message-view.tsx";
import { useStore } from "./use-store.ts";
import { TITLES } from "../strings.ts";
import { TextButton } from "./text-button.tsx";

/** Few people ever look at it: nobody else loads it. */
const ConnectionTestView = lazy(async () => import("./connection-test-view.tsx"));

/** No second try can help. */
function isShutOut(end: CallEnd | null): boolean {
  return end?.code === "kicked" || end?.code === "link-void";
}

/** The screen that the app is on. */
export function AppView({ app }: { app: App }) {
  const screen = useStore(app);
  switch (screen.name) {
    case "unsupported": {
      const { title, help } = UNSUPPORTED[screen.problem];
      return <MessageView testId="unsupported" tabTitle={PRODUCT} title={title} text={help} />;
    }
    case "connection-test":
      return (
        <Suspense fallback={null}>
          <ConnectionTestView ports={app.ports} />
        </Suspense>
      );
    case "home":
      return <HomeView app={app} problem={screen.problem} />;
    case "lobby":
      return <LobbyView key={screen.lobby.link} lobby={screen.lobby} ports={app.ports} />;
    case "call":
      return <CallView session={screen.session} />;
    case "ended":
      return (
        <MessageView
          testId="ended"
          tabTitle={TITLES.ended}
          title={screen.end === null ? ENDED.left : ENDED.ended}
          text={screen.end === null ? ENDED.leftHint : reason(screen.end)}
        >
          {!isShutOut(screen.end) && (
            <TextButton
              testId="rejoin"
              text={ENDED.rejoin}
              primary
              onClick={() => {
                app.rejoin();
              }}
            />
          )}
          <div className="button-row">
            {!isShutOut(screen.end) && (
              <TextButton
                testId="to-lobby"
                text={ENDED.lobby}
                onClick={() => {
                  app.toLobby();
                }}
              />
            )}
            <TextButton
              testId="to-home"
              text={ENDED.home}
              onClick={() => {
                app.toHome();
              }}
            />
          </div>
        </MessageView>
      );
  }
}
