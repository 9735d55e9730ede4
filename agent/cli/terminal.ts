type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan' | 'inked'

/** Select graphic rendition (ECMA-48 § 8.3.117); `inked` is white on black. */
const CODES: Readonly<Record<Style, string>> = {
  ...{ bold: '1', dim: '2', green: '32', yellow: '33', red: '31', cyan: '36', inked: '97;40' },
}

/** The words in a style on a terminal, bare everywhere else (and with NO_COLOR). */
export function styled(style: Style, text: string): string {
  const isColoured = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === ''
  return isColoured ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text
}

/** Words of a foreign file on one line: control characters and those that turn the writing direction stand as `\\u…`. */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (hidden) => `\\u${hidden.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

export function print(line = ''): void {
  process.stdout.write(`${line}\n`)
}

/** Resolves when all that was printed has been taken. */
export function printed(): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write('', (error) => (error ? reject(error) : resolve()))
  })
}

/** One line: a script may read it whole or line by line. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value))
}

/** `name   value`, one a line; a nested value as JSON. */
export function printMembers(value: unknown): void {
  const members = Object.entries(value ?? {}).filter(([, member]) => member !== null && member !== undefined)
  const width = Math.max(0, ...members.map(([name]) => name.length))
  for (const [name, member] of members) {
    print(
      `${styled('dim', name.padEnd(width))}  ${typeof member === 'object' ? JSON.stringify(member) : String(member)}`,
    )
  }
}

/** Rows under their heads, columns as wide as they must be. */
export function printTable(heads: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  print(styled('dim', line(heads)))
  for (const row of rows) print(line(row))
}
