import * as pulumi from "@pulumi/pulumi";
import { StatefulSet } from "@pulumi/kubernetes/apps/v1/statefulSet.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { bytesOf, kubernetesNames, type SiteFacts } from "../../../contract/index.ts";
import {
  databaseServer,
  doNotDisrupt,
  labelsOf,
  podSecurity,
  priorityClassName,
  selectorOf,
  skipAwait,
  temporaryFiles,
  type Resources,
} from "../../kit/kubernetes/index.ts";
import { childOptions, type OrderedOptions } from "../../kit/child-options.ts";
import { problem, refuse, type Problem } from "../../kit/problems.ts";
import { claimIsExpanded } from "./claim.ts";
import { credentials } from "./credentials.ts";
import { databasePrepare } from "./database-prepare.ts";

export interface DatabaseArgs {
  /** The site that this database belongs to. */
  facts: SiteFacts;
  /** Image of the database; must be the same version at both sites, or a restore may fail. */
  image: pulumi.Input<string>;
  /** Image of the continuity jobs, one of which initializes the database. */
  jobsImage: pulumi.Input<string>;
  /**
   * Size of the volume, e.g. `50Gi`. A restore never overwrites, so the volume must hold three generations: the current
   * one, the previous one and the one being imported; after a failback, also the one that was in use before.
   */
  storage: string;
  /**
   * Storage class of the volume.
   * Omit: the cluster's default; EKS Auto Mode has none until one is created.
   */
  storageClassName?: string | undefined;
  /**
   * Size of the existing claim, where `storage` is larger. The claim must have been expanded by hand, or the update is
   * refused: a StatefulSet cannot expand it.
   * Omit: nothing to compare.
   */
  claimedStorage?: string | undefined;
  /**
   * CPU and memory of the database server.
   * @default 1 CPU, 2Gi memory
   */
  resources?: Resources | undefined;
}

/** Seconds for a running transaction to end before the server is stopped. */
const terminationGraceSeconds = 30;

/**
 * One SurrealDB server with its own volume, at `surrealdb:8000` inside the namespace. Does not depend on the site's
 * role, so a failover never restarts it.
 */
export class Database extends pulumi.ComponentResource {
  constructor(name: string, args: DatabaseArgs, opts?: OrderedOptions) {
    super("continuity:database:Database", name, {}, opts);
    refuse(this, `Database "${name}"`, findProblems(args));
    const children = childOptions(this, opts);
    const secrets = [
      credentials(args.facts, name, kubernetesNames.databaseRootSecret, "root", children),
      credentials(args.facts, name, kubernetesNames.databaseUserSecret, "services", children),
    ];
    const service = databaseService(args.facts, children);
    const server = statefulDatabase(args, childOptions(this, opts, service, ...secrets));
    if (args.claimedStorage !== undefined) claimIsExpanded(args.facts, args.storage, children);
    databasePrepare(args.facts, args.jobsImage, childOptions(this, opts, server));
    this.registerOutputs({});
  }
}

const metadataOf = ({ namespace }: SiteFacts) => ({
  name: kubernetesNames.database,
  namespace,
  labels: labelsOf(kubernetesNames.database, "platform"),
});

function databaseService(facts: SiteFacts, opts: pulumi.CustomResourceOptions): Service {
  return new Service(
    kubernetesNames.database,
    {
      metadata: { ...metadataOf(facts), annotations: skipAwait },
      spec: {
        selector: selectorOf(kubernetesNames.database),
        ports: [{ name: "http", port: kubernetesNames.databasePort, targetPort: kubernetesNames.databasePort }],
      },
    },
    opts,
  );
}

function statefulDatabase(args: DatabaseArgs, opts: pulumi.CustomResourceOptions): StatefulSet {
  const { facts } = args;
  const metadata = metadataOf(facts);
  const claim = {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: args.storage } },
    storageClassName: args.storageClassName,
  };
  const container = databaseServer({
    name: kubernetesNames.database,
    image: args.image,
    volume: "data",
    folder: `${facts.databaseNamespace}.db`,
    resources: args.resources ?? { cpu: "1", memory: "2Gi" },
  });
  return new StatefulSet(
    kubernetesNames.database,
    {
      metadata,
      spec: {
        serviceName: kubernetesNames.database,
        replicas: 1,
        selector: { matchLabels: selectorOf(kubernetesNames.database) },
        // The volume outlives the StatefulSet: a mistake in the program must not delete the data.
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
        template: {
          metadata: { labels: metadata.labels, annotations: doNotDisrupt },
          spec: {
            automountServiceAccountToken: false,
            priorityClassName: priorityClassName(facts.namespace, 1),
            securityContext: podSecurity,
            terminationGracePeriodSeconds: terminationGraceSeconds,
            containers: [container],
            volumes: [temporaryFiles.volume],
          },
        },
        volumeClaimTemplates: [{ metadata: { name: "data" }, spec: claim }],
      },
    },
    // Immutable: a change would replace the server, and leave its claim as it is. See decision 36.
    { ...opts, ignoreChanges: ["spec.volumeClaimTemplates"] },
  );
}

function findProblems({ storage }: DatabaseArgs): Problem[] {
  if (bytesOf(storage) > 0) return [];
  const rule = "must be a size such as 50Gi (Mi, Gi or Ti)";
  return [problem("storage", storage, rule, "write the number and the unit without a space")];
}
