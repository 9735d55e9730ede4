import type { Technician } from '../daemon/admin-client.ts'
import type { Installation } from './procedure.ts'

/** A file that is to be written, and of which register or device it is where there are several. */
export type Wanted = {
  file: string
  type: Parameters<Technician['exportTo']>[0]
  registerId?: string
  deviceId?: string
}
export type IsRetired = (serial: string) => boolean

export const JOURNAL = 'journal.ndjson'

/** One package where one merchant sells, else one for each register; one whole archive for each TSE. */
export function wantedFiles(
  { registers }: Installation,
  devices: Installation['devices'],
  isRetired: IsRetired,
): Wanted[] {
  const of = (law: string) => registers.filter(({ fiscalization }) => fiscalization?.regime === law)
  const german = of('KassenSichV')
  const merchants = new Set(german.map(({ merchant_id }) => merchant_id))
  // Of a register that ended with a TSE which is gone nobody can be asked: what was taken out of that is there.
  const asked = german.filter(({ fiscal_device, fiscalization }) => {
    const serial = fiscalization?.tse_serial
    return devices.some(({ id }) => id === fiscal_device) || typeof serial !== 'string' || !isRetired(serial)
  })
  const units = [...new Set(asked.flatMap(({ fiscal_device }) => fiscal_device ?? []))]
  const packages: Wanted[] =
    merchants.size === 1
      ? [{ file: 'dsfinvk.zip', type: 'dsfinvk' }]
      : german.map(({ id }) => ({ file: `dsfinvk-${id}.zip`, type: 'dsfinvk', registerId: id }))
  const archives = units.map((id): Wanted => {
    const file = units.length === 1 ? 'tse.tar' : `tse-${id}.tar`
    return { file, type: 'tse_tar', deviceId: id }
  })
  const chains = of('RKSV').flatMap(({ id }): Wanted[] => [
    { file: `dep7-${id}.json`, type: 'dep7', registerId: id },
    { file: `dep131-${id}.csv`, type: 'dep131', registerId: id },
  ])
  return [...packages, ...archives, ...chains]
}
