import type { Handle, TokenInfo } from 'pkcs11js'
import type { TokenFacts } from './pkcs11-calls.ts'
import type { Module } from './pkcs11-module.ts'
import { codeOf, explain } from './pkcs11-module.ts'
import { NativeFault } from './protocol.ts'

const MAX_SLOTS = 64
const TOKENS_LISTED = 5

type Token = { slot: Handle; label: string; serial: string }
type KeyHandle = { handle: Handle; alwaysAuthenticate: boolean }

/** An open session with one token. `keys` is filled by listing them; `pin` is kept only for CKA_ALWAYS_AUTHENTICATE. */
export type Session = {
  module: Module
  slot: Handle
  handle: Handle
  keys: Map<string, KeyHandle>
  pin: string | undefined
}

/**
 * Opens a session with the token of that label or serial number. Slot numbers change with every plug and are never
 * used.
 */
export function attach(module: Module, token: string, isReadOnly: boolean): Session {
  const { binding, calls } = module
  return explain(binding, () => {
    const slots = calls.C_GetSlotList(true).slice(0, MAX_SLOTS)
    const tokens = slots.flatMap((slot) => tokenIn(module, slot) ?? [])
    const matches = tokens.filter(({ label, serial }) => label === token || serial === token)
    const first = matches[0]
    if (!first) throw new NativeFault('TOKEN_NOT_FOUND', `no token "${token}" is plugged in; ${listed(tokens)}`)
    if (matches.length > 1) {
      throw new NativeFault(
        'TOKEN_AMBIGUOUS',
        `${matches.length} tokens are labelled "${token}": name the serial number`,
      )
    }
    return {
      module,
      slot: first.slot,
      handle: openSession(module, first.slot, isReadOnly),
      keys: new Map(),
      pin: undefined,
    }
  })
}

/** Undefined if the slot has no initialised token. */
function tokenIn({ binding, calls }: Module, slot: Handle): Token | undefined {
  let info: TokenInfo
  try {
    info = calls.C_GetTokenInfo(slot)
  } catch (error) {
    // One dead card must not hide those in other readers.
    if (codeOf(binding, error) === undefined) throw error
    return undefined
  }
  if ((info.flags & binding.CKF_TOKEN_INITIALIZED) === 0) return undefined
  return { slot, label: named(info.label), serial: named(info.serialNumber) }
}

/** A name of fixed length without its padding: blanks by the standard, zeros in some modules. */
function named(text: string): string {
  return (text.split('\0', 1)[0] ?? '').trim()
}

/** The tokens to choose from. */
function listed(tokens: readonly Token[]): string {
  if (tokens.length === 0) return 'no tokens were found'
  const names = tokens.slice(0, TOKENS_LISTED).map(({ label, serial }) => `"${label}" (serial number ${serial})`)
  const more = tokens.length > TOKENS_LISTED ? ` and ${tokens.length - TOKENS_LISTED} more` : ''
  return `there are ${names.join(', ')}${more}`
}

function openSession({ binding, calls }: Module, slot: Handle, isReadOnly: boolean): Handle {
  if (isReadOnly) return calls.C_OpenSession(slot, binding.CKF_SERIAL_SESSION)
  try {
    return calls.C_OpenSession(slot, binding.CKF_SERIAL_SESSION | binding.CKF_RW_SESSION)
  } catch (error) {
    if (codeOf(binding, error) !== binding.CKR_TOKEN_WRITE_PROTECTED) throw error
    return calls.C_OpenSession(slot, binding.CKF_SERIAL_SESSION)
  }
}

export function login(session: Session, pin: string): undefined {
  const { binding, calls } = session.module
  explain(binding, () => {
    try {
      calls.C_Login(session.handle, binding.CKU_USER, pin)
    } catch (error) {
      if (codeOf(binding, error) !== binding.CKR_USER_ALREADY_LOGGED_IN) throw error
    }
  })
  session.pin = pin
}

export function facts({ module, slot }: Session): TokenFacts {
  const { binding, calls } = module
  const info = explain(binding, () => calls.C_GetTokenInfo(slot))
  const has = (flag: number) => (info.flags & flag) !== 0
  return {
    label: named(info.label),
    serial: named(info.serialNumber),
    manufacturer: named(info.manufacturerID),
    model: named(info.model),
    firmware: `${info.firmwareVersion.major}.${info.firmwareVersion.minor}`,
    pinMissing: has(binding.CKF_LOGIN_REQUIRED) && !has(binding.CKF_USER_PIN_INITIALIZED),
    pinCountLow: has(binding.CKF_USER_PIN_COUNT_LOW),
    pinFinalTry: has(binding.CKF_USER_PIN_FINAL_TRY),
    pinLocked: has(binding.CKF_USER_PIN_LOCKED),
  }
}

/**
 * Leaves a smart card logged out, unless it was only looked at: a logout would end that of another program too. Errors
 * are ignored, because a lost session cannot be closed.
 */
export function detach({ module, handle, pin }: Session): void {
  const { calls } = module
  const logout = pin === undefined ? [] : [() => calls.C_Logout(handle)]
  for (const step of [...logout, () => calls.C_CloseSession(handle), () => calls.C_Finalize()]) {
    try {
      step()
    } catch {
      // the next step may still be possible
    }
  }
}
