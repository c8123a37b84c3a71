// Every planted fault.
import { chaos } from "./planted/chaos.ts";
import { closing } from "./planted/closing.ts";
import { engines } from "./planted/engines.ts";
import { jobs } from "./planted/jobs.ts";
import type { Planted } from "./planted/planted.ts";
import { quota } from "./planted/quota.ts";
import { redis } from "./planted/redis.ts";
import { sdk } from "./planted/sdk.ts";
import { server } from "./planted/server.ts";
import { sqlite } from "./planted/sqlite.ts";
import { tasks } from "./planted/tasks.ts";

export const faults: readonly Planted[] = [
  ...tasks,
  ...closing,
  ...jobs,
  ...sqlite,
  ...quota,
  ...server,
  ...chaos,
  ...engines,
  ...redis,
  ...sdk,
];
