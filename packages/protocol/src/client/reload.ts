import Type from "typebox";
import { words } from "#fields";

/** The files of clients or workers were read again. */
export const reloadAnswer = Type.Object({ status: words("client_configs_reloaded", "worker_configs_reloaded") });
