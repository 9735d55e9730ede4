import type { AuditFile, AuditRules } from '../audit-rules.ts'

/** One package if one merchant sells, else one for each register; one whole archive for each TSE. */
export const AUDIT: AuditRules = {
  files: (registers, devices, isRetired) => {
    const merchants = new Set(registers.map(({ merchant_id }) => merchant_id))
    // A retired TSE cannot answer for the registers that ended with it: its archives are kept.
    const asked = registers.filter(({ fiscal_device, fiscalization }) => {
      const serial = fiscalization?.tse_serial
      return devices.some(({ id }) => id === fiscal_device) || typeof serial !== 'string' || !isRetired(serial)
    })
    const units = [...new Set(asked.flatMap(({ fiscal_device }) => fiscal_device ?? []))]
    const packages: AuditFile[] =
      merchants.size === 1
        ? [{ file: 'dsfinvk.zip', type: 'dsfinvk' }]
        : registers.map(({ id }) => ({ file: `dsfinvk-${id}.zip`, type: 'dsfinvk', registerId: id }))
    const archives = units.map((id): AuditFile => {
      const file = units.length === 1 ? 'tse.tar' : `tse-${id}.tar`
      return { file, type: 'tse_tar', deviceId: id }
    })
    return [...packages, ...archives]
  },
}
