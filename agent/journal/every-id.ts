const PORTION = 100

type Lister = {
  resources(type: string, filter: Record<never, never>, after: number, limit: number): { id: string; seq: number }[]
}

/** The ids of all resources of a type, the oldest first. Read in portions: a caller may stop early. */
export function* everyId(view: Lister, type: string): Generator<string> {
  let after: number | undefined = 0
  while (after !== undefined) {
    const rows = view.resources(type, {}, after, PORTION)
    for (const { id } of rows) yield id
    after = rows.at(-1)?.seq
  }
}
