/** Hosted zones. */
import { text } from "../inputs.ts";
import { zoneName, zoneOf } from "../recorded/route53.ts";
import type { FunctionKind } from "./function-kind.ts";

/** Every public zone exists in the local account: lookup by name always succeeds, by id only for created ones. */
const zone: FunctionKind = {
  token: "aws:route53/getZone:getZone",
  arguments: ["enableAcceleratedRecovery", "name", "privateZone", "tags", "vpcId", "zoneId"],
  outputs: ["arn", "comment", "id", "name", "nameServers", "primaryNameServer", "zoneId"],
  run: ({ accountId, resources }, args) => {
    if (args.privateZone === true) throw new Error("private zones are not supported by the local AWS provider");
    const zoneId = text(args, "zoneId");
    const created = resources().find(({ type, id }) => type === "aws:route53/zone:Zone" && id === zoneId);
    const name = zoneName(text(args, "name") ?? text(created?.outputs, "name") ?? "");
    if (name === "")
      throw new Error(zoneId ? `no matching Route 53 hosted zone: ${zoneId}` : "name or zoneId is required");
    const found = zoneOf(name, accountId);
    return {
      ...found,
      arn: `arn:aws:route53:::hostedzone/${found.zoneId}`,
      callerReference: "",
      comment: "",
      id: found.zoneId,
      linkedServiceDescription: "",
      linkedServicePrincipal: "",
      name,
      primaryNameServer: found.nameServers[0] ?? "",
      privateZone: false,
      resourceRecordSetCount: 2,
      tags: {},
      vpcId: "",
    };
  },
};

export const zones: FunctionKind[] = [zone];
