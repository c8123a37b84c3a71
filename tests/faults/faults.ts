// Every planted fault.
import { jobs } from "./planted/jobs.ts";
import type { Planted } from "./planted/planted.ts";
import { quota } from "./planted/quota.ts";
import { redis } from "./planted/redis.ts";
import { sdk } from "./planted/sdk.ts";
import { server } from "./planted/server.ts";
import { sqlite } from "./planted/sqlite.ts";
import { tasks } from "./planted/tasks.ts";

export const faults: readonly Planted[] = [...tasks, ...jobs, ...sqlite, ...redis, ...quota, ...server, ...sdk];
