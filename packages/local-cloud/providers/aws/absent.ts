/** Resolves to undefined for the given AWS error names, which mean that something does not exist; rejects with others. */
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
