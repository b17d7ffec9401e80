/** What a container gets of its node. */

export interface Resources {
  /** CPU share that is kept free, e.g. `500m`. */
  cpu: string;
  /** Memory that is reserved and may not be exceeded, e.g. `512Mi`. */
  memory: string;
}

/** Memory is limited to what is reserved; CPU is not, so that an idle node makes everything faster. */
export const resourcesOf = ({ cpu, memory }: Resources) => ({ requests: { cpu, memory }, limits: { memory } });
