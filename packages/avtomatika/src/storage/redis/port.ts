import type { Storage } from "#storage/storage";

type Call = Exclude<keyof Storage, "shards" | "name" | "open" | "close" | "listen">;

/** What a call of the port gets, and what it promises. */
export type Input<Method extends Call> = Parameters<Storage[Method]>[0];
export type Output<Method extends Call> = ReturnType<Storage[Method]>;
