import type { Command } from "commander";
import { newCommand } from "#cli/new-command";
import { chooseStore } from "#config/choose-store";
import { loadConfig } from "#config/load-config";
import { AvtomatikaError } from "#core/errors";
import { backUpSqlite } from "#storage/sqlite/back-up";

const help = `
Copies the embedded store as it is at one instant, while its engine runs and writes, or while none does. The target is
complete, or isn't there; it is a store itself, and nothing is overwritten.

  avtomatika backup engine-$(date +%F).db
  avtomatika backup /backups/engine.db --storage sqlite:/var/lib/avtomatika/engine.db

To go on from a copy, stop the engine it was taken from (two of them would do the same jobs twice), and then:
  avtomatika start flow.ts --storage sqlite:engine-2026-08-01.db

stdout gets one line: what was copied, and where to.
`;

/** `avtomatika backup <target>` */
export function backupCommand(): Command {
  return newCommand("backup")
    .description("copy the embedded store, also while an engine runs on it")
    .argument("<target>", "the file to make")
    .option("--storage <uri>", "sqlite:PATH of the store (STORAGE_URI, default sqlite:.avtomatika/engine.db)")
    .addHelpText("after", help)
    .action(backup);
}

function backup(target: string, { storage: storageUri }: { storage?: string }): void {
  const choice = chooseStore(loadConfig({ storageUri }));
  if (choice.kind === "memory") {
    const remedy = "name the file of a durable one: --storage sqlite:PATH";
    throw new AvtomatikaError(
      "invalid_argument",
      `a memory store lives and ends with its engine, and can't be copied: ${remedy}`,
    );
  }
  if (choice.kind === "redis") {
    const remedy = "copy its snapshot or append-only file (BGSAVE, then dump.rdb)";
    throw new AvtomatikaError("invalid_argument", `a Redis server keeps its data itself: ${remedy}`);
  }
  const done = backUpSqlite(choice.path, target);
  console.log(`${done.target}: ${done.jobs} jobs, ${done.bytes} bytes, from ${done.source}`);
}
