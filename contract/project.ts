/** Name of the Pulumi project, and so the namespace of its configuration keys. */
export const projectName = "vapora-continuity";
