import { Activity } from "lucide-react";
import { CONNECTION_TEST_FRAGMENT } from "../state/app.ts";
import { HOME } from "../strings.ts";

/** Leads to the test in a window of its own, so that neither lobby nor call is left for it. */
export function ConnectionTestLink() {
  return (
    <a
      className="test-link"
      href={CONNECTION_TEST_FRAGMENT}
      target="_blank"
      rel="noreferrer"
      data-testid="to-connection-test"
    >
      <Activity aria-hidden size={15} />
      {HOME.connectionTest}
    </a>
  );
}
