/** Resource types that are created by API calls. */
import type { ResourceType } from "../resource-type.ts";
import { cloudwatchTypes } from "./cloudwatch.ts";
import { ec2Types } from "./ec2/index.ts";
import { eksTypes } from "./eks/index.ts";
import { iamTypes } from "./iam.ts";
import { kmsTypes } from "./kms.ts";
import { route53Types } from "./route53/index.ts";
import { s3Types } from "./s3/index.ts";
import { schedulerTypes } from "./scheduler.ts";
import { secretTypes } from "./secretsmanager.ts";
import { sfnTypes } from "./sfn.ts";
import { snsTypes } from "./sns.ts";
import { sqsTypes } from "./sqs.ts";
import { ssmTypes } from "./ssm.ts";

const services: ResourceType[][] = [
  s3Types,
  kmsTypes,
  snsTypes,
  sqsTypes,
  ssmTypes,
  sfnTypes,
  schedulerTypes,
  cloudwatchTypes,
  secretTypes,
  iamTypes,
  route53Types,
  eksTypes,
  ec2Types,
];

export const realTypes: ReadonlyMap<string, ResourceType> = new Map(services.flat().map((type) => [type.token, type]));
