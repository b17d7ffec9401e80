import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import { Secret } from "@pulumi/aws/secretsmanager/secret.js";
import { SecretVersion } from "@pulumi/aws/secretsmanager/secretVersion.js";
import { accessKeysSecret, accessProblems, platformLimits, type Topology } from "../../../contract/index.ts";
import { refuse } from "../../kit/problems.ts";

export interface AccessKeysArgs {
  /** Name prefix and both regions; the secret's name follows from them. */
  topology: Topology;
  /** ARN of the key of each region that encrypts the secret there. */
  keyArns: { primary: pulumi.Input<string>; alternate: pulumi.Input<string> };
  /**
   * Names of the database accesses (`DEFINE ACCESS`) that sign tokens, each with a key of its own. A name that is
   * taken out loses its key: tokens that were signed with it work no longer after a restore.
   */
  accesses: readonly string[];
  /**
   * True: the secret cannot be deleted or replaced through Pulumi.
   * @default true
   */
  protect?: boolean | undefined;
}

/** HS512 asks for a key as long as its digest, 64 bytes. */
const keyLength = 64;

/**
 * Keeps the real key of every database access outside the database, in both regions. A database
 * export holds a placeholder in place of each key, and a restored database would accept tokens
 * that were signed with that placeholder until the real keys are defined again.
 */
export class AccessKeys extends pulumi.ComponentResource {
  /** Secret name; the same in both regions. */
  public readonly secretName: pulumi.Output<string>;

  constructor(name: string, args: AccessKeysArgs, opts?: pulumi.ComponentResourceOptions) {
    super("continuity:access-keys:AccessKeys", name, {}, opts);
    const { accesses } = args;
    refuse(this, `AccessKeys "${name}"`, accessProblems("accesses", accesses));

    const secret = this.replicatedSecret(name, args);
    const keys = Object.fromEntries(accesses.map((access) => [access, this.accessKey(`${name}-${access}`)]));
    new SecretVersion(name, { secretId: secret.id, secretString: pulumi.jsonStringify(keys) }, { parent: this });

    this.secretName = secret.name;
    this.registerOutputs({ secretName: this.secretName });
  }

  private replicatedSecret(name: string, args: AccessKeysArgs): Secret {
    return new Secret(
      name,
      {
        name: accessKeysSecret(args.topology),
        description: "Signing key of each database access, needed after every restore",
        kmsKeyId: args.keyArns.primary,
        replicas: [{ region: args.topology.alternateRegion, kmsKeyId: args.keyArns.alternate }],
        recoveryWindowInDays: platformLimits.deletionWindowDays.secretsManager,
      },
      { parent: this, protect: args.protect ?? true },
    );
  }

  private accessKey(name: string): pulumi.Output<string> {
    return new RandomPassword(name, { length: keyLength, special: false }, { parent: this }).result;
  }
}
