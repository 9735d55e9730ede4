import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Proof } from '../../laws/demo-shift.ts'
import { demand } from '../../laws/demo-shift.ts'
import type { DemoTechnician } from './agent.ts'

/** Writes the notice of the shop to the tax office as a trial: its device is simulated. Throws DemoError. */
export async function writeNotice(technician: Pick<DemoTechnician, 'notices'>, folder: string): Promise<Proof> {
  const { notices, missing } = await technician.notices(undefined, true)
  const [notice] = notices
  demand(notice !== undefined && missing.length === 0, `the notice has no ${missing[0]?.field}`)
  const path = (ending: string): string => join(folder, `TRIAL-${notice?.location_id}.${ending}`)
  await writeFile(path('xml'), notice?.xml ?? '')
  await writeFile(path('txt'), notice?.sheet ?? '')
  return { what: 'Notice', found: `${notice?.systems} till for Mein ELSTER, as a trial; never tried there` }
}
