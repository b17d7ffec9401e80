/** Account, region and partition. */
import { text } from "../inputs.ts";
import type { FunctionContext, FunctionKind } from "./function-kind.ts";

const regionOf = ({ config }: FunctionContext, requested?: string): string => {
  const region = requested ?? text(config, "region");
  if (region === undefined) throw new Error("its provider instance has no region");
  return region;
};

const callerIdentity: FunctionKind = {
  token: "aws:index/getCallerIdentity:getCallerIdentity",
  arguments: ["id"],
  outputs: ["accountId", "arn", "id", "userId"],
  run: ({ accountId }) => ({
    accountId,
    arn: `arn:aws:iam::${accountId}:root`,
    id: accountId,
    userId: accountId,
  }),
};

const region: FunctionKind = {
  token: "aws:index/getRegion:getRegion",
  arguments: ["endpoint", "id", "name", "region"],
  outputs: ["description", "endpoint", "id", "name", "region"],
  run: (context, args) => {
    const name = regionOf(context, text(args, "region") ?? text(args, "name"));
    return { description: name, endpoint: `ec2.${name}.amazonaws.com`, id: name, name, region: name };
  },
};

const partition: FunctionKind = {
  token: "aws:index/getPartition:getPartition",
  arguments: ["id"],
  outputs: ["dnsSuffix", "id", "partition", "reverseDnsPrefix"],
  run: () => ({ dnsSuffix: "amazonaws.com", id: "aws", partition: "aws", reverseDnsPrefix: "com.amazonaws" }),
};

export const identity: FunctionKind[] = [callerIdentity, region, partition];
