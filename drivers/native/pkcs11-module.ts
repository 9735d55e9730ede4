import { access } from 'node:fs/promises'
import type { PKCS11 } from 'pkcs11js'
import { NativeFault } from './protocol.ts'

/** The binding's constants and classes, loaded only if a PKCS#11 device is configured. */
export type Binding = typeof import('pkcs11js')
export type Module = { binding: Binding; calls: PKCS11 }

/** Loads and initialises a PKCS#11 library, once per child: only a new child resets a module. */
export async function openModule(path: string): Promise<Module> {
  const binding = await loadBinding()
  try {
    await access(path)
  } catch {
    throw new NativeFault('MODULE_MISSING', `no PKCS#11 module at ${path}`)
  }
  const calls = new binding.PKCS11()
  try {
    calls.load(path)
  } catch (error) {
    const cause = error instanceof Error ? error.message : 'unknown cause'
    throw new NativeFault('MODULE_BROKEN', `${path} cannot be loaded as a PKCS#11 module: ${cause}`)
  }
  explain(binding, () => initialise(binding, calls))
  return { binding, calls }
}

async function loadBinding(): Promise<Binding> {
  try {
    const loaded: { default: Binding } = await import('pkcs11js')
    return loaded.default
  } catch {
    throw new NativeFault('BINDING_MISSING', 'the pkcs11js binding is not built: run `npm rebuild pkcs11js`')
  }
}

/** Signing runs on a separate thread, so locking is requested; a module without locking is used anyway. */
function initialise(binding: Binding, calls: PKCS11): void {
  try {
    calls.C_Initialize({ flags: binding.CKF_OS_LOCKING_OK })
  } catch (error) {
    const code = codeOf(binding, error)
    if (code === binding.CKR_CRYPTOKI_ALREADY_INITIALIZED) return
    if (code !== binding.CKR_CANT_LOCK && code !== binding.CKR_ARGUMENTS_BAD) throw error
    calls.C_Initialize()
  }
}

/** The CKR_ number of a PKCS#11 error. */
export function codeOf(binding: Binding, error: unknown): number | undefined {
  return ckrErrorOf(binding, error)?.code
}

/** Runs calls of the module; a PKCS#11 error becomes a NativeFault under its own name. */
export function explain<Result>(binding: Binding, act: () => Result): Result {
  try {
    return act()
  } catch (error) {
    throw asFault(binding, error)
  }
}

export function asFault(binding: Binding, error: unknown): unknown {
  const refusal = ckrErrorOf(binding, error)
  if (!refusal) return error
  const number = `0x${refusal.code.toString(16)}`
  return new NativeFault(refusal.name, `${refusal.method || 'PKCS#11'}: ${refusal.name} (${number})`)
}

/** pkcs11js 2.1.7 wraps most errors, but not those of C_FindObjects, C_CreateObject and C_SetAttributeValue. */
function ckrErrorOf(binding: Binding, error: unknown): { name: string; code: number; method: string } | undefined {
  if (error instanceof binding.Pkcs11Error) return { name: error.message, code: error.code, method: error.method }
  const parts = error instanceof Error ? /^(CKR_\w+):(\d+)/.exec(error.message) : null
  return parts?.[1] ? { name: parts[1], code: Number(parts[2]), method: '' } : undefined
}
