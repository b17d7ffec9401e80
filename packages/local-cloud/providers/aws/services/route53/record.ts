/** Records. */
import type { ChangeAction, ResourceRecordSet, Route53 } from "@aws-sdk/client-route-53";
import { unlessAbsent } from "../../absent.ts";
import { route53 } from "../../clients.ts";
import { flag, needed, objects, text, texts } from "../../inputs.ts";
import type { ResourceType } from "../../resource-type.ts";
import { longest, oneOf } from "../../rules.ts";
import type { CheckFailure } from "../../../provider.ts";
import { unknown, type Properties } from "../../../values.ts";
import { findZone, recordName } from "./names.ts";
import { findRecordSet, inputsOf, recordSet, type RecordKey } from "./record-sets.ts";

const types = "A AAAA CAA CNAME DS HTTPS MX NAPTR NS PTR SOA SPF SRV SSHFP SVCB TLSA TXT".split(" ");

const routingPolicies = [
  "failoverRoutingPolicies",
  "geolocationRoutingPolicies",
  "latencyRoutingPolicies",
  "weightedRoutingPolicies",
] as const;

function problems(inputs: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const refuse = (property: string, reason: string): void => void failures.push({ property, reason });
  const alias = inputs.aliases !== undefined;
  const policies = routingPolicies.filter((policy) => inputs[policy] !== undefined);
  if (alias && (inputs.ttl !== undefined || inputs.records !== undefined))
    refuse("aliases", "conflicts with ttl and records");
  if (!alias && inputs.records === undefined) refuse("records", "records or aliases is required");
  if (!alias && inputs.ttl === undefined) refuse("ttl", "ttl is required with records");
  if (policies.length > 1) refuse(policies[1] ?? "", `conflicts with ${policies[0]}: a record has one routing policy`);
  if (policies.length > 0 && inputs.setIdentifier === undefined)
    refuse("setIdentifier", `setIdentifier is required with ${policies[0]}`);
  if (text(inputs, "type") === "CNAME" && texts(inputs, "records").length > 1)
    refuse("records", "a CNAME must have exactly one record");
  for (const { type } of objects(inputs, "failoverRoutingPolicies"))
    if (type !== "PRIMARY" && type !== "SECONDARY" && type !== unknown)
      refuse("failoverRoutingPolicies[0].type", `is ${JSON.stringify(type)}, but must be PRIMARY or SECONDARY`);
  return [...failures, ...oneOf(inputs, "type", types), ...longest(inputs, "name", 1024)];
}

/** The zone's name completes a short one. */
async function keyOf(client: Route53, inputs: Properties): Promise<RecordKey> {
  const zoneId = needed(inputs, "zoneId");
  const zone = await findZone(client, zoneId);
  if (!zone) throw new Error(`no Route 53 hosted zone has the id ${zoneId}`);
  const name = recordName(needed(inputs, "name"), zone.name);
  return { zoneId, name, type: needed(inputs, "type"), setIdentifier: text(inputs, "setIdentifier") };
}

const idOf = (inputs: Properties): string =>
  [
    needed(inputs, "zoneId"),
    needed(inputs, "name").toLowerCase(),
    needed(inputs, "type"),
    text(inputs, "setIdentifier"),
  ]
    .filter((part) => part !== undefined)
    .join("_");

/** An id holds the name as the program has it, and a name may contain underscores. */
function keyFrom(id: string): Properties {
  const [, zoneId = "", name = "", type = "", setIdentifier] = /^([^_]+)_(.+)_([A-Z]+)(?:_(.+))?$/.exec(id) ?? [];
  return { zoneId, name, type, ...(setIdentifier !== undefined && { setIdentifier }) };
}

const change = (client: Route53, HostedZoneId: string, Action: ChangeAction, ResourceRecordSet: ResourceRecordSet) =>
  client.changeResourceRecordSets({ HostedZoneId, ChangeBatch: { Changes: [{ Action, ResourceRecordSet }] } });

export const record: ResourceType = {
  token: "aws:route53/record:Record",
  immutable: ["zoneId", "name", "type", "setIdentifier"],
  problems,
  async create(aws, inputs) {
    const client = await aws.client(route53);
    const key = await keyOf(client, inputs);
    const action = flag(inputs, "allowOverwrite") ? "UPSERT" : "CREATE";
    await change(client, key.zoneId, action, recordSet(inputs, key.name));
    return { id: idOf(inputs), outputs: { fqdn: key.name } };
  },
  async read(aws, id, known) {
    const client = await aws.client(route53);
    const inputs = known.name === undefined ? keyFrom(id) : known;
    if (!(await findZone(client, needed(inputs, "zoneId")))) return undefined;
    const key = await keyOf(client, inputs);
    const found = await findRecordSet(client, key);
    return found && { ...inputsOf(found), zoneId: key.zoneId, name: needed(inputs, "name"), fqdn: key.name };
  },
  async update(aws, _id, inputs) {
    const client = await aws.client(route53);
    const key = await keyOf(client, inputs);
    await change(client, key.zoneId, "UPSERT", recordSet(inputs, key.name));
  },
  /** A deletion must name the current values. */
  async delete(aws, _id, state) {
    const client = await aws.client(route53);
    if (!(await findZone(client, needed(state, "zoneId")))) return;
    const key = await keyOf(client, state);
    const found = await findRecordSet(client, key);
    if (found) await unlessAbsent(["NoSuchHostedZone"], change(client, key.zoneId, "DELETE", found));
  },
};
