/** Signs users' tokens with the key of the database access; ready once it has the key. */
import { loadAccessKeys } from "./access-keys.ts";
import { Refusal, ok } from "./http-service.ts";
import type { Service } from "./http-service.ts";
import type { Settings } from "./settings.ts";
import { accountAccess, signToken } from "./tokens.ts";

export function authentication(settings: Settings): Service {
  const ring = loadAccessKeys(settings);
  const key = (): string | undefined => ring.keys()?.[accountAccess];
  return {
    notReady: () => ring.failure() ?? (key() === undefined ? `the access keys hold no ${accountAccess}` : undefined),
    stop: () => ring.stop(),
    routes: {
      "POST /v1/session": async (request) => {
        if (settings.role !== "active") throw new Refusal(503, `the ${settings.site} site is ${settings.role}`);
        const { user, database } = ((await request.body()) ?? {}) as { user?: unknown; database?: unknown };
        if (typeof user !== "string" || typeof database !== "string" || !user || !database) {
          throw new Refusal(400, "the body must be {user: text, database: text}");
        }
        const secret = key();
        if (secret === undefined) throw new Refusal(503, ring.failure() ?? "there is no key");
        const subject = { namespace: settings.databaseNamespace, database, user };
        return ok({ token: signToken(subject, secret, new Date()) });
      },
    },
  };
}
