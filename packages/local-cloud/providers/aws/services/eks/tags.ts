/** Tags of EKS resources. */
import type { EKS } from "@aws-sdk/client-eks";
import { tagChanges, tagsOf } from "../../inputs.ts";
import type { Properties } from "../../../values.ts";

export async function changeTags(
  client: EKS,
  resourceArn: string,
  inputs: Properties,
  before: Properties,
): Promise<void> {
  const { set, remove } = tagChanges(tagsOf(before), tagsOf(inputs));
  if (remove.length > 0) await client.untagResource({ resourceArn, tagKeys: remove });
  if (Object.keys(set).length > 0) await client.tagResource({ resourceArn, tags: set });
}
