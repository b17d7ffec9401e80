/** Tells "it is not there" from every other failure. */

/** `undefined` where AWS answers with one of these error names; all other errors stay errors. */
export async function unlessAbsent<Result>(
  names: readonly string[],
  work: Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && names.includes(error.name)) return undefined;
    throw error;
  }
}
