/** Names of zones and records, and the ids of Route 53 without their paths. */
import { unlessAbsent } from "../../absent.ts";
import type { Route53 } from "@aws-sdk/client-route-53";

/** Lower case, without the trailing dot. */
export const zoneName = (name: string): string => name.replace(/\.$/, "").toLowerCase();

/** A name within a zone: completed with the zone's name unless it ends with it. */
export function recordName(name: string, zone: string): string {
  const own = zoneName(name);
  return own === zone || own.endsWith(`.${zone}`) ? own : `${own}.${zone}`;
}

/** `/hostedzone/Z1` → `Z1`. */
export const bareId = (id: string | undefined): string => id?.split("/").at(-1) ?? "";

/** Route 53 writes characters other than letters, digits, - and . as octal escapes, e.g. `\052` for `*`. */
export const unescaped = (name: string): string =>
  name.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

/** The zone with its name servers; undefined if it does not exist. */
export async function findZone(client: Route53, Id: string) {
  const found = await unlessAbsent(["NoSuchHostedZone"], client.getHostedZone({ Id }));
  if (!found?.HostedZone) return undefined;
  const nameServers = (found.DelegationSet?.NameServers ?? []).map(zoneName);
  const comment = found.HostedZone.Config?.Comment ?? "";
  return { id: Id, name: zoneName(found.HostedZone.Name ?? ""), comment, nameServers };
}

/** Id of the public zone of a name; undefined if there is none. */
export async function zoneIdByName(client: Route53, name: string): Promise<string | undefined> {
  const { HostedZones = [] } = await client.listHostedZonesByName({ DNSName: name });
  const found = HostedZones.find((zone) => zoneName(zone.Name ?? "") === zoneName(name) && !zone.Config?.PrivateZone);
  return found && bareId(found.Id);
}
