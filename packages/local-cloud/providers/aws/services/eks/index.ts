/** Clusters, access to them, and pod identities. */
import type { ResourceType } from "../../resource-type.ts";
import { accessEntry, accessPolicyAssociation } from "./access.ts";
import { cluster } from "./cluster.ts";
import { podIdentityAssociation } from "./pod-identity-association.ts";

export const eksTypes: ResourceType[] = [cluster, accessEntry, accessPolicyAssociation, podIdentityAssociation];
