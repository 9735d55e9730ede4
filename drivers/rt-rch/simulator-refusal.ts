/** The simulated printer refuses a command; `code` as in its outcome: `EG0005`. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** Throws if there is a code. */
export function refuse(code: string | undefined): void {
  if (code !== undefined) throw new Refusal(code)
}
