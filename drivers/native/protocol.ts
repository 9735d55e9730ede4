/**
 * The requests to one kind of native module: method → argument and result. Only values that structured clone supports.
 */
export type NativeCalls = Record<string, { args: unknown; result: unknown }>

/** An explicit refusal by the module. `code` is the module's own name of the error; the message holds no secret. */
export class NativeFault extends Error {
  override readonly name = 'NativeFault'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
