/** Tags of zones and health checks. */
import type { Route53, TagResourceType } from "@aws-sdk/client-route-53";
import { fromTagList, tagChanges, tagList, tagsOf, type Tags } from "../../inputs.ts";
import type { Properties } from "../../../values.ts";

export async function changeTags(
  client: Route53,
  ResourceType: TagResourceType,
  ResourceId: string,
  inputs: Properties,
  before: Properties = {},
): Promise<void> {
  const { set, remove } = tagChanges(tagsOf(before), tagsOf(inputs));
  if (remove.length === 0 && Object.keys(set).length === 0) return;
  await client.changeTagsForResource({
    ResourceType,
    ResourceId,
    ...(Object.keys(set).length > 0 && { AddTags: tagList(set) }),
    ...(remove.length > 0 && { RemoveTagKeys: remove }),
  });
}

export async function readTags(client: Route53, ResourceType: TagResourceType, ResourceId: string): Promise<Tags> {
  const { ResourceTagSet } = await client.listTagsForResource({ ResourceType, ResourceId });
  return fromTagList(ResourceTagSet?.Tags);
}
