import { fileStore } from '../../../../clients/typescript/src/file-store.ts'
import { opened, workShift } from './shift.ts'

// node client-till.ts FOLDER RATE: a shift with the client, as its README says it.
const [, , folder = '', rate = '0.07'] = process.argv
const till = await opened({ store: fileStore(folder), userAgent: 'client-till/1.0' })
await workShift(till, { sales: 16, rate })
