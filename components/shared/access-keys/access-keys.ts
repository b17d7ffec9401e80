import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword.js";
import { Secret } from "@pulumi/aws/secretsmanager/secret.js";
import { SecretVersion } from "@pulumi/aws/secretsmanager/secretVersion.js";
import { accessKeysSecret, accessProblems, platformLimits, type Topology } from "../../../contract/index.ts";
import { refuse } from "../../kit/problems.ts";

export interface AccessKeysArgs {
  /** Name prefix and both regions; the secret's name is derived from them. */
  topology: Topology;
  /** ARN of the KMS key that encrypts the secret in each region. */
  keyArns: { primary: pulumi.Input<string>; alternate: pulumi.Input<string> };
  /**
   * Names of the database accesses (`DEFINE ACCESS`) that sign tokens; one key is generated for each. Removing a name
   * deletes its key: tokens signed with it become invalid after a restore.
   */
  accesses: readonly string[];
  /**
   * True: the secret cannot be deleted or replaced through Pulumi.
   * @default true
   */
  protect?: boolean | undefined;
}

/** HS512 requires a key of at least 64 bytes, the length of its digest. */
const keyLength = 64;

/**
 * Keeps the signing key of every database access outside the database, in both regions. A database export contains a
 * placeholder instead of each key; until the real keys are defined again, a restored database would accept tokens
 * signed with that placeholder.
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
    // Kept with the secret. Not protected: a new access replaces the version.
    const kept = { parent: this, retainOnDelete: true };
    new SecretVersion(name, { secretId: secret.id, secretString: pulumi.jsonStringify(keys) }, kept);

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
