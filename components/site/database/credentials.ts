/** Credentials of one site's database; each site has its own, so neither grants access to the other. */
import type * as pulumi from "@pulumi/pulumi";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import type { SiteFacts } from "../../../contract/index.ts";

const passwordLength = 32;

/** A Secret with a fixed user name and a random password. */
export function credentials(
  { namespace }: SiteFacts,
  name: string,
  secretName: string,
  username: string,
  opts: pulumi.CustomResourceOptions,
): Secret {
  const password = new RandomPassword(`${name}-${username}`, { length: passwordLength, special: false }, opts);
  return new Secret(
    secretName,
    {
      metadata: { name: secretName, namespace },
      type: "Opaque",
      stringData: { username, password: password.result },
    },
    opts,
  );
}
