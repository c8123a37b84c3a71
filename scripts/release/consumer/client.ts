// A client of a user's, with everything typed: compiled where nothing but the client is installed.
import { AvtomatikaClient, AvtomatikaError, type JobView } from "@avtomatika/client";

interface Priced {
  total: number;
}

export async function buy(item: string, controller: AbortController): Promise<JobView<{ item: string }, Priced>> {
  const client = new AvtomatikaClient({ url: "http://127.0.0.1:8080", token: "client-secret" });
  try {
    return await client.jobs.run<{ item: string }, Priced>("/jobs/order", { item }, { signal: controller.signal });
  } catch (error) {
    if (error instanceof AvtomatikaError) console.error(error.code);
    throw error;
  } finally {
    await client.close();
  }
}
