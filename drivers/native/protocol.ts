/**
 * The requests to one kind of native module: method → argument and result. Only values that structured clone supports.
 */
export type NativeCalls = Record<string, { args: unknown; result: unknown }>

/** Parent → child. `id` counts from 1. */
export type NativeRequest = { id: number; method: string; args: unknown }

/** Child → parent. The reply with `id` 0 is unsolicited and means that the child is ready. */
export type NativeReply = { id: number; result: unknown } | { id: number; fault: { code: string; message: string } }

/** Child → parent, unsolicited. */
export type NativeNews = { news: unknown }

/** An explicit refusal by the module. `code` is the module's own name of the error; the message holds no secret. */
export class NativeFault extends Error {
  override readonly name = 'NativeFault'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
