import { afterAll, beforeAll } from "vitest";
import { RedisStorage } from "#storage/redis/redis-storage";
import { startCluster } from "./redis-cluster.ts";
import { askRedis, startRedis } from "./redis-server.ts";

type Options = NonNullable<ConstructorParameters<typeof RedisStorage>[1]>;

/** A server for the tests that stand where this is called: started before the first of them, stopped after the last. */
export class OwnRedis {
  url = "";
  #admin: Awaited<ReturnType<typeof askRedis>> | null = null;
  #stop = async (): Promise<void> => {};

  constructor() {
    beforeAll(async () => {
      const server = await startRedis();
      this.url = server.url;
      this.#admin = await askRedis(server.url);
      this.#stop = () => server.stop();
    });
    afterAll(async () => {
      this.#admin?.close();
      await this.#stop();
    });
  }

  /** Asks the server itself. */
  ask(...command: (string | Buffer)[]): Promise<unknown> {
    if (this.#admin === null) throw new Error("the server runs only while the tests do");
    return this.#admin.ask(...command);
  }

  /** A store on a server that holds nothing yet. */
  async openEmpty(options: Options = {}): Promise<RedisStorage> {
    await this.ask("FLUSHALL");
    return openStore(this.url, options);
  }
}

/** The same for a cluster of six nodes; answers what opens a store on one that holds nothing yet. */
export function ownCluster(): (options: Options) => Promise<RedisStorage> {
  let cluster: Awaited<ReturnType<typeof startCluster>>;
  beforeAll(async () => {
    cluster = await startCluster();
  }, 60_000);
  afterAll(() => cluster.stop());
  return async (options) => {
    await cluster.flush();
    return openStore(cluster.url, { cluster: cluster.isCluster, ...options });
  };
}

async function openStore(url: string, options: Options): Promise<RedisStorage> {
  const storage = new RedisStorage(url, { warn: () => {}, ...options });
  await storage.open();
  return storage;
}
