/** Availability zones of the provider's region. */
import { ec2 } from "../clients.ts";
import { objects, text, texts } from "../inputs.ts";
import type { FunctionKind } from "./function-kind.ts";

const availabilityZonesKind: FunctionKind = {
  token: "aws:index/getAvailabilityZones:getAvailabilityZones",
  arguments: ["allAvailabilityZones", "excludeNames", "excludeZoneIds", "filters", "id", "region", "state"],
  outputs: ["groupNames", "id", "names", "zoneIds"],
  async run({ aws }, args) {
    const state = text(args, "state");
    const filters = objects(args, "filters").map((filter) => ({
      Name: text(filter, "name") ?? "",
      Values: texts(filter, "values"),
    }));
    const Filters = [...filters, ...(state === undefined ? [] : [{ Name: "state", Values: [state] }])];
    const { AvailabilityZones = [] } = await (await aws().client(ec2)).describeAvailabilityZones({ Filters });
    const excluded = new Set([...texts(args, "excludeNames"), ...texts(args, "excludeZoneIds")]);
    const zones = AvailabilityZones.filter(
      ({ ZoneName = "", ZoneId = "" }) => !excluded.has(ZoneName) && !excluded.has(ZoneId),
    );
    return {
      groupNames: [...new Set(zones.map(({ GroupName = "" }) => GroupName))],
      id: aws().region,
      names: zones.map(({ ZoneName = "" }) => ZoneName).sort(),
      region: aws().region,
      zoneIds: zones.map(({ ZoneId = "" }) => ZoneId).sort(),
    };
  },
};

export const availabilityZones: FunctionKind[] = [availabilityZonesKind];
