import type { Kit } from "#storage/testkit/kit";

/** Adds one check to the suite; its title is its name. */
export type Check = (title: string, body: (kit: Kit) => Promise<void>) => void;
