/** Name of the Pulumi project, and so the namespace of its configuration keys. */
export const projectName = "vapora-continuity";

/**
 * Environment variable with the directory of Pulumi.yaml, from which a policy pack that is kept elsewhere reads the plan.
 * The engine passes a pack no such directory.
 */
export const projectVariable = "CONTINUITY_PROJECT";
