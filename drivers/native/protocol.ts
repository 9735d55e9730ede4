import { CodedError } from '../../base/thrown.ts'
/**
 * The requests to one kind of native module: method → argument and result. Only values that structured clone supports.
 */
export type NativeCalls = Record<string, { args: unknown; result: unknown }>

/** An explicit refusal by the module. `code` is the module's own name of the error; the message holds no secret. */
export class NativeFault extends CodedError {
  override readonly name = 'NativeFault'
}
