import type { Scope } from "../../lib/scope.ts";
import type { GroupConnection } from "./group-connection.ts";

/**
 * Waits until the delivery service takes back what came after `epoch`. `late` is called once if it has
 * not done so in time; nothing is left behind in either case, nor when the scope ends.
 */
export function awaitRollBack(
  { notifications }: Pick<GroupConnection, "notifications">,
  scope: Scope,
  epoch: number,
  patienceMs: number,
  late: () => void,
): void {
  const stopListening = notifications.on("group:rolled-back", (position) => {
    if (position.epoch <= epoch) end();
  });
  const cancel = scope.after(patienceMs, () => {
    end();
    late();
  });
  const release = scope.add(stopListening);
  const end = () => {
    cancel();
    release();
    stopListening();
  };
}
