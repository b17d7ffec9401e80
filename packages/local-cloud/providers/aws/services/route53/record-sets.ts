/** Conversion between a record's inputs and Route 53's record sets. */
import type { ResourceRecordSet, Route53, RRType } from "@aws-sdk/client-route-53";
import { unlessAbsent } from "../../absent.ts";
import { flag, needed, number, objects, text, texts } from "../../inputs.ts";
import { defined, type Properties } from "../../../values.ts";
import { unescaped, zoneName } from "./names.ts";

/** Text of TXT and SPF records is quoted in Route 53. */
const isText = (type: string): boolean => type === "TXT" || type === "SPF";
const quoted = (type: string, value: string): string => (isText(type) && !/^".*"$/s.test(value) ? `"${value}"` : value);
const unquoted = (type: string, value: string): string => (isText(type) ? value.replace(/^"(.*)"$/s, "$1") : value);

/** `name`: the whole name, in the zone. */
export function recordSet(inputs: Properties, name: string): ResourceRecordSet {
  const type = needed(inputs, "type");
  const [alias] = objects(inputs, "aliases");
  const [geo] = objects(inputs, "geolocationRoutingPolicies");
  const wanted = {
    Name: name,
    Type: type as RRType,
    SetIdentifier: text(inputs, "setIdentifier"),
    TTL: number(inputs, "ttl"),
    HealthCheckId: text(inputs, "healthCheckId"),
    MultiValueAnswer: flag(inputs, "multivalueAnswerRoutingPolicy") === true ? true : undefined,
    Failover: text(objects(inputs, "failoverRoutingPolicies")[0], "type"),
    Region: text(objects(inputs, "latencyRoutingPolicies")[0], "region"),
    Weight: number(objects(inputs, "weightedRoutingPolicies")[0], "weight"),
    GeoLocation: geo && {
      ContinentCode: text(geo, "continent"),
      CountryCode: text(geo, "country"),
      SubdivisionCode: text(geo, "subdivision"),
    },
    ResourceRecords: alias ? undefined : texts(inputs, "records").map((value) => ({ Value: quoted(type, value) })),
    AliasTarget: alias && {
      HostedZoneId: needed(alias, "zoneId"),
      DNSName: needed(alias, "name"),
      EvaluateTargetHealth: flag(alias, "evaluateTargetHealth") ?? false,
    },
  };
  return wanted as ResourceRecordSet;
}

/** The inverse of `recordSet`, without zone and name. */
export function inputsOf(found: ResourceRecordSet): Properties {
  const { AliasTarget: alias, GeoLocation: geo, Type: type = "A" } = found;
  const values = (found.ResourceRecords ?? []).map(({ Value = "" }) => unquoted(type, Value));
  return defined({
    type,
    setIdentifier: found.SetIdentifier ?? "",
    healthCheckId: found.HealthCheckId ?? "",
    ...(alias
      ? {
          aliases: [
            {
              zoneId: alias.HostedZoneId ?? "",
              name: zoneName(alias.DNSName ?? ""),
              evaluateTargetHealth: alias.EvaluateTargetHealth ?? false,
            },
          ],
        }
      : { ttl: found.TTL, records: values }),
    multivalueAnswerRoutingPolicy: found.MultiValueAnswer,
    failoverRoutingPolicies: found.Failover && [{ type: found.Failover }],
    latencyRoutingPolicies: found.Region && [{ region: found.Region }],
    weightedRoutingPolicies: found.Weight === undefined ? undefined : [{ weight: found.Weight }],
    geolocationRoutingPolicies: geo && [
      defined({ continent: geo.ContinentCode, country: geo.CountryCode, subdivision: geo.SubdivisionCode }),
    ],
  });
}

export interface RecordKey {
  zoneId: string;
  /** Whole name, without the trailing dot. */
  name: string;
  type: string;
  setIdentifier: string | undefined;
}

/** The record set of exactly this key; undefined if it or its zone does not exist. */
export async function findRecordSet(client: Route53, key: RecordKey): Promise<ResourceRecordSet | undefined> {
  const listed = await unlessAbsent(
    ["NoSuchHostedZone"],
    client.listResourceRecordSets({
      HostedZoneId: key.zoneId,
      StartRecordName: key.name,
      StartRecordType: key.type as RRType,
      ...(key.setIdentifier !== undefined && { StartRecordIdentifier: key.setIdentifier }),
    }),
  );
  return listed?.ResourceRecordSets?.find(
    ({ Name = "", Type, SetIdentifier }) =>
      zoneName(unescaped(Name)) === key.name && Type === key.type && SetIdentifier === key.setIdentifier,
  );
}

/** Deletes everything but the zone's own records. */
export async function deleteRecords(client: Route53, HostedZoneId: string, name: string): Promise<void> {
  const { ResourceRecordSets = [] } = await client.listResourceRecordSets({ HostedZoneId });
  const own = ({ Name = "", Type }: ResourceRecordSet): boolean =>
    zoneName(Name) === name && (Type === "NS" || Type === "SOA");
  const Changes = ResourceRecordSets.filter((set) => !own(set)).map((ResourceRecordSet) => ({
    Action: "DELETE" as const,
    ResourceRecordSet,
  }));
  if (Changes.length > 0) await client.changeResourceRecordSets({ HostedZoneId, ChangeBatch: { Changes } });
}
