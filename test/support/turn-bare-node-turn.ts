/** node-turn as its page says to use it, without any fence: `node …ts USERNAME PASSWORD PORT`. */
import Server from "node-turn/lib/server.js";

const [username = "", password = "", port = ""] = process.argv.slice(2);
const server = new Server({
  realm: "bare.test",
  authMech: "long-term",
  listeningIps: ["127.0.0.1"],
  listeningPort: Number(port),
  relayIps: ["127.0.0.1"],
  minPort: 20_000,
  maxPort: 32_000,
  credentials: { [username]: password },
  log: () => {},
  debugLevel: "OFF",
});
server.start();
for (const socket of server.network.sockets) {
  socket.once("listening", () => process.send?.("listening"));
}
