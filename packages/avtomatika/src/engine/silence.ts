/**
 * For how long no engine may have called a shard before the time counts as an outage. A living engine calls at least
 * every two seconds. At its start an engine takes any gap for one, since results may be on their way to it; in its life
 * a shorter one is what a busy moment makes.
 */
export const silence = { beforeStartMs: 2500, inLifeMs: 5000 };
