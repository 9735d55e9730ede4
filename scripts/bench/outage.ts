import type { Till } from './load.ts'
import type { Load, Server } from './processes.ts'
import type { Row } from './report.ts'
import { limitRow } from './report.ts'
import { distributionOf } from './statistics.ts'
import { technicianOf } from './technician.ts'

const SALES = 200
const NAMES = { tse: 'Germany, the TSE is down', rksv: 'Austria, the unit is down' }

/** The wait of a till while its device is unplugged: it must not wait for the device. `folder` is the agent's. */
export async function outageRow(
  { url }: Server,
  folder: string,
  load: Load,
  till: Till,
  device: string,
  law: keyof typeof NAMES,
): Promise<Row> {
  const technician = await technicianOf(folder)
  await technician.fault(device, 'unplugged@*')
  const tills = [till]
  await load.run({ url, tills, sales: 1, law })
  const { completes } = await load.run({ url, tills, sales: SALES, law })
  const { p99 } = distributionOf(completes)
  return limitRow(
    { section: NAMES[law], what: 'receipt with the marker, p99', unit: 'ms', measured: p99 },
    100,
    'at most',
  )
}
