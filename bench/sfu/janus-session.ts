import { z } from "zod";

const PROTOCOL = "janus-protocol";
const TIMEOUT_MS = 20_000;

const jsep = z.object({ type: z.enum(["offer", "answer"]), sdp: z.string() });
export type Jsep = z.infer<typeof jsep>;

/** The parts of Janus's messages that are needed here. */
const message = z.object({
  janus: z.string(),
  transaction: z.string().optional(),
  data: z.object({ id: z.number() }).optional(),
  plugindata: z.object({ data: z.record(z.string(), z.unknown()) }).optional(),
  jsep: jsep.optional(),
  error: z.object({ reason: z.string() }).optional(),
});
type JanusMessage = z.infer<typeof message>;

interface Waiting {
  readonly resolve: (answer: JanusMessage) => void;
  readonly reject: (error: Error) => void;
}

/** What the VideoRoom answered. */
export interface PluginAnswer {
  readonly data: Readonly<Record<string, unknown>>;
  readonly jsep: Jsep | undefined;
}

/** A session of Janus's WebSocket API. Each handle of it is one peer connection. */
export class JanusSession {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, Waiting>();
  #sessionId = 0;
  #lastTransaction = 0;

  /** Rejects when nobody listens there yet. */
  static async open(url: string): Promise<JanusSession> {
    const session = new JanusSession(new WebSocket(url, PROTOCOL));
    await session.#opened();
    const { data } = await session.#request({ janus: "create" });
    session.#sessionId = data?.id ?? 0;
    return session;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.#onMessage(message.parse(JSON.parse(String(data))));
    });
    socket.addEventListener("close", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("Janus hung up"));
      this.#waiting.clear();
    });
  }

  /** Resolves with a new handle of the VideoRoom. */
  async attach(): Promise<number> {
    const asked = { janus: "attach", plugin: "janus.plugin.videoroom" };
    const { data } = await this.#request({ ...asked, session_id: this.#sessionId });
    if (data === undefined) throw new Error("Janus named no handle");
    return data.id;
  }

  /** Resolves with the VideoRoom's answer, not with the acknowledgement that comes before. */
  async ask(handle: number, body: object, offered?: Jsep): Promise<PluginAnswer> {
    const answer = await this.#request({
      janus: "message",
      session_id: this.#sessionId,
      handle_id: handle,
      body,
      ...(offered === undefined ? {} : { jsep: { ...offered, trickle: false } }),
    });
    const data = answer.plugindata?.data ?? {};
    if ("error" in data) throw new Error(`Janus's VideoRoom: ${String(data["error"])}`);
    return { data, jsep: answer.jsep };
  }

  close(): void {
    this.#socket.close();
  }

  #opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.addEventListener("open", () => {
        resolve();
      });
      this.#socket.addEventListener("error", () => {
        reject(new Error("Janus doesn't answer"));
      });
    });
  }

  #request(content: Record<string, unknown>): Promise<JanusMessage> {
    this.#lastTransaction += 1;
    const transaction = String(this.#lastTransaction);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(transaction);
        reject(new Error(`Janus didn't answer: ${String(content["janus"])}`));
      }, TIMEOUT_MS);
      const settled =
        <Value>(settle: (value: Value) => void) =>
        (value: Value) => {
          clearTimeout(timer);
          this.#waiting.delete(transaction);
          settle(value);
        };
      this.#waiting.set(transaction, { resolve: settled(resolve), reject: settled(reject) });
      this.#socket.send(JSON.stringify({ ...content, transaction }));
    });
  }

  #onMessage(received: JanusMessage): void {
    const waiting = this.#waiting.get(received.transaction ?? "");
    if (waiting === undefined || received.janus === "ack") return;
    if (received.janus === "error") {
      waiting.reject(new Error(`Janus: ${received.error?.reason ?? "error"}`));
    } else waiting.resolve(received);
  }
}
