/** SDK clients of the emulated services, loaded on first use. */
import type { Credentials } from "../../aws/index.ts";

export interface ClientConfig {
  region: string;
  endpoint: string;
  credentials: Credentials;
  maxAttempts?: number;
  requestHandler?: { connectionTimeout: number; requestTimeout: number; throwOnRequestTimeout: boolean };
}

export interface Service<Client> {
  readonly name: string;
  /** True for a global service. */
  readonly global?: true;
  load(config: ClientConfig): Promise<Client>;
}

const service = <Client>(name: string, load: (config: ClientConfig) => Promise<Client>): Service<Client> => ({
  name,
  load,
});

export const s3 = service("s3", async (config) => {
  const { S3 } = await import("@aws-sdk/client-s3");
  return new S3({ ...config, forcePathStyle: true });
});
export const kms = service("kms", async (config) => new (await import("@aws-sdk/client-kms")).KMS(config));
export const sns = service("sns", async (config) => new (await import("@aws-sdk/client-sns")).SNS(config));
export const sqs = service("sqs", async (config) => new (await import("@aws-sdk/client-sqs")).SQS(config));
export const ssm = service("ssm", async (config) => new (await import("@aws-sdk/client-ssm")).SSM(config));
export const sfn = service("sfn", async (config) => new (await import("@aws-sdk/client-sfn")).SFN(config));
export const scheduler = service(
  "scheduler",
  async (config) => new (await import("@aws-sdk/client-scheduler")).Scheduler(config),
);
export const cloudwatch = service(
  "cloudwatch",
  async (config) => new (await import("@aws-sdk/client-cloudwatch")).CloudWatch(config),
);
export const secretsManager = service(
  "secretsmanager",
  async (config) => new (await import("@aws-sdk/client-secrets-manager")).SecretsManager(config),
);
export const eks = service("eks", async (config) => new (await import("@aws-sdk/client-eks")).EKS(config));
export const ec2 = service("ec2", async (config) => new (await import("@aws-sdk/client-ec2")).EC2(config));
export const route53: Service<import("@aws-sdk/client-route-53").Route53> = {
  name: "route53",
  global: true,
  load: async (config) => new (await import("@aws-sdk/client-route-53")).Route53(config),
};
export const iam: Service<import("@aws-sdk/client-iam").IAM> = {
  name: "iam",
  global: true,
  load: async (config) => new (await import("@aws-sdk/client-iam")).IAM(config),
};
