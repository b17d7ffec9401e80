import type * as pulumi from "@pulumi/pulumi";
import type { Role, SiteName } from "../../contract/index.ts";
import type { AlarmSubscriber } from "../kit/alarms/index.ts";

/** The configuration of one stack. `Pulumi.yaml` describes what every stack has, `docs/reference/configuration.md` what may be left out. */
export interface Settings {
  site: SiteName;
  role: Role;
  namePrefix: string;
  namespace: string;
  databaseNamespace: string;
  primaryRegion: string;
  alternateRegion: string;
  accountId: string;
  clusterName: string;
  publicHostname: string;
  primaryHostname: string;
  alternateHostname: string;
  hostedZoneName: string;
  hostedZoneId: string | undefined;
  imageRegistry: string;
  imageTag: string;
  databaseImage: string;
  databaseStorage: string;
  certificateArn: string | undefined;
  alarmSubscribers: readonly AlarmSubscriber[];
  accessNames: readonly string[];
  storageClassName: string | undefined;
  tierReplicas: Record<number, number> | undefined;
  planFile: string | undefined;
  kubeContext: string | undefined;
  kubeconfig: pulumi.Output<string> | undefined;
}
