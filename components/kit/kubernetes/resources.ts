/** CPU and memory of one container. */
export interface Resources {
  /** CPU request, e.g. `500m`; there is no CPU limit. */
  cpu: string;
  /** Memory request and limit, e.g. `512Mi`. */
  memory: string;
}

/** CPU has no limit, so that containers may use idle capacity of the node. */
export const resourcesOf = ({ cpu, memory }: Resources) => ({ requests: { cpu, memory }, limits: { memory } });
