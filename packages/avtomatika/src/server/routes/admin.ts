import type { AccessKind } from "#config/shared-tokens";
import { AvtomatikaError } from "#core/errors";
import { requireAdmin } from "#server/authentication";
import { refusal, type Scope } from "#server/scope";
import type { Serving } from "#server/serving";

/** What only admins may do: reading the files of clients and workers again. */
export function adminRoutes(scope: Scope, { access }: Serving): void {
  scope.post("/admin/reload-clients", { onRequest: requireAdmin }, async () => {
    reload("clients");
    return { status: "client_configs_reloaded" };
  });
  scope.post("/admin/reload-workers", { onRequest: requireAdmin }, async () => {
    reload("workers");
    return { status: "worker_configs_reloaded" };
  });

  /** At the start such a fault is one of the settings; here the admin is told. */
  function reload(kind: AccessKind): void {
    try {
      access.reload(kind);
    } catch (error) {
      if (!(error instanceof AvtomatikaError) || error.code !== "invalid_config") throw error;
      throw refusal(error.details ?? [error.message]);
    }
  }
}
