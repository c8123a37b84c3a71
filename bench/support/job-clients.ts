// The ways in which a measurement's clients speak to the engine.
import { AvtomatikaClient } from "@avtomatika/client";
import { Connection } from "./connection.ts";
import { FetchConnection } from "./fetch-connection.ts";

/** `raw`: sockets that cost next to nothing; `fetch`: the global one; `sdk`: ours at its default settings. */
export type Means = "raw" | "fetch" | "sdk";

export interface JobClient {
  /** Creates a job and resolves with its status at its end. */
  run(endpoint: string): Promise<string>;
  close(): void | Promise<void>;
}

const token = "bench-client";
const data = { payload: "some" };

/** A function that opens one more client. All of the SDK's are one, as in a program. */
export function clientsOf(address: string, means: Means): () => JobClient {
  if (means === "sdk") return sdkClients(address);
  return () => {
    const Kind = means === "raw" ? Connection : FetchConnection;
    const connection = new Kind(address, { "x-client-token": token });
    return {
      run: async (endpoint) =>
        (await connection.json<{ status: string }>("POST", `/api/v1/${endpoint}?wait=60`, data)).status,
      close: () => connection.close(),
    };
  };
}

function sdkClients(address: string): () => JobClient {
  let open = 0;
  let client: AvtomatikaClient | null = null;
  return () => {
    client ??= new AvtomatikaClient({ url: address, token });
    const { jobs } = client;
    open += 1;
    return {
      run: async (endpoint) => (await jobs.run(`/${endpoint}`, data)).status,
      close: async () => {
        open -= 1;
        if (open > 0) return;
        const closing = client?.close();
        client = null;
        await closing;
      },
    };
  };
}
