// Two engines on one Redis behind a load balancer: one dies, and the other goes on by itself.
import { setTimeout as pause } from "node:timers/promises";
import { Balancer, type Target } from "./balancer.ts";
import { startEngine } from "./engine.ts";
import { engineEvents } from "./events.ts";
import { end, type Started } from "./process.ts";
import { startRedis } from "./redis.ts";
import type { Ground, Site } from "./site.ts";

interface Member {
  engine: Started;
  /** As the load balancer sees it. */
  target: Target;
}

export async function startTwoEngines({ processes, folders, tokens, tell }: Ground): Promise<Site> {
  const redis = await startRedis(processes, folders.store);
  tell(`redis ${redis.pid} at ${redis.url}: ${redis.what}`);
  const start = (name: string) => startEngine(processes, name, { storage: redis.url, tokens });
  const engines = await Promise.all([start("engine-1"), start("engine-2")]);
  for (const { name, pid, url } of engines) tell(`${name} ${pid} at ${url}`);
  const balancer = await Balancer.start(engines.map(({ url }) => Number(new URL(url).port)));
  tell(`a load balancer before them at ${balancer.url}`);

  const members = engines.map((engine, at): Member => ({ engine, target: balancer.targets[at] as Target }));
  // The one that more is said to is killed.
  const byLoad = () => [...members].sort((a, b) => b.target.open - a.target.open) as [Member, Member];
  let [dead, alive] = byLoad();
  let atKill = { dead: 0, alive: 0, cut: 0 };
  return {
    url: balancer.url,
    kill: async () => {
      [dead, alive] = byLoad();
      atKill = { dead: dead.target.made, alive: alive.target.made, cut: dead.target.open };
      dead.engine.child.kill("SIGKILL");
      await dead.engine.ended;
      return `${dead.engine.name} was killed (SIGKILL)`;
    },
    goOn: async () => {
      while (!(await isReady(balancer.url))) await pause(20);
      return `${alive.engine.name} goes on alone`;
    },
    rows: () => [["engine killed", `${dead.engine.name}, and not started again`]],
    events: () => engineEvents(atKill, alive.target.made),
    stop: async () => {
      const code = await end(alive.engine);
      await balancer.close();
      return [code, await end(redis)];
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/_public/ready`)).ok;
  } catch {
    return false;
  }
}
