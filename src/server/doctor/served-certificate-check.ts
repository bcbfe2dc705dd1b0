import { once } from "node:events";
import { isIP } from "node:net";
import type { PeerCertificate } from "node:tls";
import { connect } from "node:tls";
import type { DoctorCheck, Finding } from "./finding.ts";
import { failed, ok, warning } from "./finding.ts";

const dayMs = 86_400_000;
/** Whoever renews automatically does so a month before. */
const soonDays = 14;

/** The certificate that a TLS port shows, as a browser judges it: chain, names, expiry. */
export async function checkServedCertificate(
  check: DoctorCheck,
  { host, port }: { readonly host: string; readonly port: number },
  timeoutMs: number,
): Promise<Finding> {
  const socket = connect({
    host,
    port,
    rejectUnauthorized: false,
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(timeoutMs) });
    const problem = socket.authorized ? undefined : String(socket.authorizationError);
    return judge(check, host, socket.getPeerCertificate(), problem);
  } catch {
    return failed(
      check,
      `No TLS connection comes about with ${host} on port ${port}.`,
      "Serve TLS there: set tls.certificateFile and tls.keyFile, or look at the proxy in front.",
    );
  } finally {
    socket.on("error", () => {});
    socket.destroy();
  }
}

function judge(
  check: DoctorCheck,
  host: string,
  certificate: PeerCertificate,
  problem: string | undefined,
): Finding {
  const expiresAtMs = Date.parse(certificate.valid_to);
  const until = Number.isNaN(expiresAtMs) ? "" : new Date(expiresAtMs).toISOString().slice(0, 10);
  if (problem !== undefined) return refused(check, host, problem, until);
  const daysLeft = Math.floor((expiresAtMs - Date.now()) / dayMs);
  if (daysLeft < soonDays) {
    return warning(
      check,
      `The certificate of ${host} expires in ${daysLeft} days.`,
      "Renew it, and send the service SIGHUP.",
    );
  }
  return ok(check, `The certificate of ${host} is good until ${until}.`);
}

/** `problem` is OpenSSL's or Node's code. */
function refused(check: DoctorCheck, host: string, problem: string, until: string): Finding {
  const text = `Browsers refuse the certificate of ${host}`;
  if (/EXPIRED/.test(problem)) {
    return failed(
      check,
      `${text}: it expired on ${until}.`,
      "Renew it, and send the service SIGHUP.",
    );
  }
  if (/ALTNAME/.test(problem)) {
    return failed(
      check,
      `${text}: it is for other names.`,
      `Get one that names ${host}, or use a name that it has.`,
    );
  }
  if (/SELF_SIGNED/.test(problem) && !/CHAIN/.test(problem)) {
    return failed(
      check,
      `${text}: nobody but itself has signed it.`,
      "Get one from an authority that browsers know, such as Let's Encrypt.",
    );
  }
  return failed(
    check,
    `${text}: its chain ends at nobody whom they know (${problem}).`,
    "Put the certificates between yours and the root behind it into tls.certificateFile (fullchain.pem).",
  );
}
