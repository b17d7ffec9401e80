/** Bucket settings that the emulator lacks: stored and given back as they came, never interpreted. */
import { s3Error } from "./errors.ts";
import type { ErrorReply } from "./errors.ts";
import type { S3Operation } from "./s3-operations.ts";

export interface KeptReply extends Partial<ErrorReply> {
  status: number;
}

/** What S3 answers for a setting that nobody has made. */
const initial: Partial<Record<string, string>> = {
  requestPayment:
    '<RequestPaymentConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Payer>BucketOwner</Payer></RequestPaymentConfiguration>',
};

export class KeptSettings {
  readonly #byBucket = new Map<string, Map<string, string>>();

  /** Answers an operation whose setting the gateway keeps. */
  answer({ bucket, name, setting }: S3Operation, body: string): KeptReply {
    if (!setting) throw new Error(`${name}: nothing to keep`);
    const stored = this.#byBucket.get(bucket) ?? new Map<string, string>();
    const place = setting.id === undefined ? setting.name : `${setting.name}/${setting.id}`;
    if (name.startsWith("Put")) {
      this.#byBucket.set(bucket, stored.set(place, body));
      return { status: 200 };
    }
    if (name.startsWith("List")) return xml(list(setting.name, stored));
    const found = stored.get(place) ?? initial[setting.name];
    if (found === undefined)
      return { status: 404, ...s3Error("NoSuchConfiguration", "The specified configuration does not exist.") };
    if (name.startsWith("Get")) return xml(found);
    stored.delete(place);
    return { status: 204 };
  }

  forget(bucket: string): void {
    this.#byBucket.delete(bucket);
  }
}

const xml = (text: string): KeptReply => ({ status: 200, contentType: "application/xml", body: Buffer.from(text) });

const listNames: Record<string, string> = {
  analytics: "ListBucketAnalyticsConfigurationResult",
  "intelligent-tiering": "ListBucketIntelligentTieringConfigurationsOutput",
  inventory: "ListInventoryConfigurationsResult",
  metrics: "ListMetricsConfigurationsResult",
};

function list(setting: string, stored: Map<string, string>): string {
  const entries = [...stored].filter(([place]) => place.startsWith(`${setting}/`));
  const bodies = entries.map(([, body]) => body.replace(/^\s*<\?xml[^>]*\?>/, "")).join("");
  const root = listNames[setting];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}><IsTruncated>false</IsTruncated>${bodies}</${root}>`;
}
