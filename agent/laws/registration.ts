import type { Trouble } from '../devices/usable.ts'
import type { DocumentOf } from '../journal/documents/document.ts'

type Registered = Pick<DocumentOf<'register'>['shown'], 'fiscalization'>

/** Members of a register after its device accepted it under that serial number. */
export function fiscalized({ fiscalization }: Registered, serial: string, at: string) {
  return {
    fiscalization_status: 'fiscalized',
    fiscalizedAt: at,
    fiscalization: { ...fiscalization, fiscalized_at: at, tse_serial: serial },
    updated_at: at,
  }
}

/** Members of a register that its device refused: shows the reason until the request is repeated. */
export function notFiscalized({ fiscalization }: Registered, { code, message }: Trouble, at: string) {
  return {
    fiscalization_status: 'failed',
    fiscalization: { ...fiscalization, error: { code, message, occurred_at: at } },
    updated_at: at,
  }
}

/** Members of a decommissioned register. */
export function decommissioned(at: string) {
  return { fiscalization_status: 'decommissioned', status: 'inactive', decommissionedAt: at, updated_at: at }
}
