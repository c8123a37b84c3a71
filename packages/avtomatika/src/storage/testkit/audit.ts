import { auditClosings } from "#storage/testkit/audit/audit-closings";
import { auditCounters } from "#storage/testkit/audit/audit-counters";
import { auditJobs } from "#storage/testkit/audit/audit-jobs";
import { auditJoins } from "#storage/testkit/audit/audit-joins";
import { auditQueues } from "#storage/testkit/audit/audit-queues";
import { auditTasks } from "#storage/testkit/audit/audit-tasks";
import { Ledger } from "#storage/testkit/audit/ledger";
import type { StoreDump } from "#storage/testkit/dump";

/**
 * What is wrong in a store between two calls: each job that has not ended has exactly one owner, each wait has what
 * will close it, and no row is left over. Each message names its job. Simulations call it after every step: it only
 * reads, once over everything.
 */
export function audit(dump: StoreDump): string[] {
  const problems: string[] = [];
  for (let shard = 0; shard < dump.shards.length; shard++) {
    const rows = dump.shards[shard] as StoreDump["shards"][number];
    const ledger = new Ledger(rows, problems);
    auditJobs(ledger, shard, dump.shards.length);
    auditTasks(ledger);
    auditQueues(ledger);
    auditJoins(ledger);
    auditClosings(ledger);
    auditCounters(ledger);
  }
  return problems;
}
