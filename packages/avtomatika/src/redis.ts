export { RedisStorage } from "#storage/redis/redis-storage";
export type { RedisStorageOptions } from "#storage/redis/session";
