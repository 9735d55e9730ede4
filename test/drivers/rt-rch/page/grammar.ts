/** Commands as their page writes them: `=CODE`, then `/` + key character + value in any order. */

export type Fields = ReadonlyMap<string, string>

export class Refusal extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

export function demand(holds: boolean, code: string): void {
  if (!holds) throw new Refusal(code)
}

/** `/` + key + value; the text is in parentheses. */
export function fieldsOf(command: string): Fields {
  const fields = new Map<string, string>()
  for (const part of command.split('/').slice(1)) {
    const [key, value] = [part.charAt(0), part.slice(1)]
    demand('$*(&[]?!^_@'.includes(key) && key !== '' && !fields.has(key), 'EG0002')
    if (key === '(') demand(value.endsWith(')') && !/TOTALE|[()]/.test(value.slice(0, -1)), 'EG0002')
    fields.set(key, key === '(' ? value.slice(0, -1) : value)
  }
  return fields
}

export function integer(text: string | undefined): number {
  demand(/^\d{1,9}$/.test(text ?? ''), 'EG0002')
  return Number(text)
}

export function isoDay(day: string | undefined): string {
  return (day ?? '').replace(/^(\d\d)(\d\d)(\d\d)$/, '20$3-$2-$1')
}
