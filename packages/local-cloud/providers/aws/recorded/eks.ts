/** Outputs of recorded EKS resources. */
import { needed } from "../inputs.ts";
import type { RecordKind } from "./record-kind.ts";

const podIdentityAssociation: RecordKind = {
  token: "aws:eks/podIdentityAssociation:PodIdentityAssociation",
  immutable: ["clusterName", "namespace", "serviceAccount"],
  id: ({ hash }) => `a-${hash.hex(17)}`,
  outputs: (id, { aws, inputs }) => ({
    associationId: id,
    associationArn: `arn:aws:eks:${aws.region}:${aws.accountId}:podidentityassociation/${needed(inputs, "clusterName")}/${id}`,
  }),
};

const cluster: RecordKind = {
  token: "aws:eks/cluster:Cluster",
  immutable: ["name", "encryptionConfig"],
  id: ({ inputs }) => needed(inputs, "name"),
  outputs: (id, { aws, hash }) => ({
    arn: `arn:aws:eks:${aws.region}:${aws.accountId}:cluster/${id}`,
    endpoint: `https://${hash.capitals(32)}.gr7.${aws.region}.eks.amazonaws.com`,
    status: "ACTIVE",
  }),
};

export const eks: RecordKind[] = [podIdentityAssociation, cluster];
