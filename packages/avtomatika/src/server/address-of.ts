import type { AddressInfo } from "node:net";

/** The URL of a bound address; where it is bound to all of them, the one of this machine. */
export function addressOf({ address, family, port }: AddressInfo): string {
  if (address === "0.0.0.0" || address === "::") return `http://127.0.0.1:${port}`;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
