import type * as z from 'zod'

/**
 * The place of the first member or word in stored JSON that the schema of the answer does not have; undefined without
 * any. A missing member does not count: some are computed for each answer.
 */
export function unknownWord(schema: z.ZodType, value: unknown): string | undefined {
  const { error } = schema.safeParse(value)
  return error && firstOf(error.issues)
}

function firstOf(issues: readonly z.core.$ZodIssue[]): string | undefined {
  for (const issue of issues) {
    const found = unknownIn(issue)
    if (found !== undefined) return found
  }
  return undefined
}

function unknownIn(issue: z.core.$ZodIssue): string | undefined {
  const place = issue.path.map(String)
  switch (issue.code) {
    case 'unrecognized_keys':
      return [...place, issue.keys[0]].join('/')
    case 'invalid_value':
      return place.join('/')
    case 'invalid_union':
      // Each branch misses something else: it is unknown only if no branch has it.
      return issue.errors.every((branch) => firstOf(branch) !== undefined) ? place.join('/') : undefined
    default:
      return undefined
  }
}
