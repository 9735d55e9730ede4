import { writeFileSync } from 'node:fs'
import { FiskalError } from '../../agent/errors.ts'
import type { Administration, KeyListing } from '../../agent/till/administration.ts'
import type { ShownDuty } from '../../agent/till/reading/duty-steps.ts'
import { DeviceError } from '../../drivers/errors.ts'

const PRINTED = { type: 'exchange', documents: [], payments: [], hints: [] }

/** Keys in memory and one device that is down; its set-up makes a PIN. */
export function smallAdministration(): Administration {
  const keys: KeyListing[] = []
  const unseen = new Set(['adminPin'])
  return {
    createKey: async (kind, registerId, certificate) => {
      if (registerId === 'reg_none') throw new FiskalError('not_found', 'There is no such register.')
      const id = `key_${keys.length + 1}`
      const created_at = '2026-01-01T00:00:00.000Z'
      keys.push({
        id,
        kind,
        register_id: registerId ?? null,
        created_at,
        revoked_at: null,
        certificate: certificate ?? null,
      })
      return { id, kind, key: `ofk_${kind}_secret` }
    },
    listKeys: () => keys,
    revokeKey: async (id) => {
      const position = keys.findIndex((key) => key.id === id)
      keys.splice(position, 1)
    },
    listAlerts: async () => ({}),
    testAlert: async () => [],
    display: async (register_id) => ({ register_id, url: 'http://localhost:7070/display/0' }),
    notices: async () => ({ notices: [], missing: [] }),
    sendDuty: async () => {},
    reportOutage: async (id) => ({ id, duties: [], recorded: true }),
    checkAuthority: async () => [],
    installation: () => ({}),
    auditNotes: async () => ({
      left_out: [],
      posted_elsewhere: [],
      open_sessions: [],
      waiting_bons: [],
      online: { operations: 0, total_amount: '0.00' },
      returned_beyond_sale: [],
      interim_counts: [],
      drawer_below_zero: [],
      corrected_counts: [],
      issued: { paper: 0, digital: 0, paper_and_digital: 0, e_invoice: 0, none: 0, unsaid: 0 },
      voucher_beyond_sale: [],
      unsettled: [],
      open_operations: [],
      open_groups: [],
    }),
    devices: () => [{ id: 'tse-1', state: 'down' }],
    deviceAct: async (deviceId, act) => {
      if (act === 'status') throw new DeviceError('unavailable', 'none', 'tse-1 does not answer')
      const secrets = act === 'init' && unseen.size > 0 ? { new_secrets: { adminPin: '12345678' } } : {}
      return { deviceId, act, ...secrets }
    },
    secretsSeen: async (_deviceId, names) => {
      for (const name of names) unseen.delete(name)
    },
    retirable: async () => ({ serial: 'A1', state: 'ready', answers: true, isRetired: false }),
    retireTse: async (deviceId, reason) => ({ deviceId, reason }),
    halfPrinted: (id) => ({ ...PRINTED, operation_id: id }),
    endOperation: async (id) => ({ ...PRINTED, operation_id: id }),
    fault: async (deviceId, fault) => ({ deviceId, fault }),
    beginEpoch: async (above) => ({ above }),
    seal: () => Promise.reject(new Error('SQLITE_IOERR: secret detail')),
    syncStatus: () => [],
    resumeSync: async (target) => ({ target }),
    dismissSync: async (target, reason) => ({ target, reason, epochs: [] }),
    listTasks: () => [],
    listDuties: async () => [],
    showDuty: async (id) => ({ id }) as ShownDuty,
    confirmTask: async () => {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    },
    exportTo: async (type, range, path) => {
      writeFileSync(path, '')
      return { type, range, file: path }
    },
  }
}
