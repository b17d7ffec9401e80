/** What the cases of AWS resources refer to. */
import type { State } from "../contract/resource-driver.ts";

export interface Fixtures {
  /** Buckets with versioning: one here with a lock, one in the other region. */
  bucket: string;
  farBucket: string;
  /** A bucket without settings. */
  plainBucket: string;
  role: string;
  key: State;
  topic: string;
  queue: string;
  secret: string;
  /** A second role. */
  otherRole: string;
  /** Id of the zone shop.example. */
  zone: string;
  /** A cluster with an access entry for the role. */
  cluster: string;
  subnets: string[];
  /** Network of the subnets, with what is in it. */
  vpc: string;
  routeTable: string;
  gateway: string;
  natGateway: string;
  /** An address that no gateway has. */
  address: string;
}
